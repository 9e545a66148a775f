// Standard light on vertex colours; each instance's tag says how it is tinted and how it glows.

#import bevy_pbr::{
    pbr_fragment::pbr_input_from_standard_material,
    pbr_functions::alpha_discard,
    mesh_functions,
}

#ifdef PREPASS_PIPELINE
#import bevy_pbr::{
    prepass_io::{VertexOutput, FragmentOutput},
    pbr_deferred_functions::deferred_output,
}
#else
#import bevy_pbr::{
    forward_io::{VertexOutput, FragmentOutput},
    pbr_functions::{apply_pbr_lighting, main_pass_post_lighting_processing},
}
#endif

// Must agree with tag.rs.
fn tag_tint(tag: u32) -> vec3<f32> {
    let c = vec3<f32>(f32(tag & 31u) / 31.0, f32((tag >> 5u) & 63u) / 63.0, f32((tag >> 11u) & 31u) / 31.0);
    return pow(c, vec3<f32>(2.2));
}

@fragment
fn fragment(in: VertexOutput, @builtin(front_facing) is_front: bool) -> FragmentOutput {
    var pbr_input = pbr_input_from_standard_material(in, is_front);
    let tag = mesh_functions::get_tag(in.instance_index);
    let tint = tag_tint(tag);
    let amount = f32((tag >> 16u) & 31u) / 31.0;
    let glow = f32((tag >> 21u) & 31u) / 31.0;
    let grey = f32((tag >> 26u) & 31u) / 31.0;
    let marked = (tag >> 31u) == 1u;

    var base = pbr_input.material.base_color.rgb;
    var lamp = 1.0;
#ifdef VERTEX_COLORS
    lamp = in.color.a;
#endif
    let own = base;
    let light = dot(base, vec3<f32>(0.2126, 0.7152, 0.0722));
    base = mix(base, vec3<f32>(0.17 + 0.42 * light), grey);
    base = mix(base, tint, amount);
    // What an overlay colours can be read at night too: the rest of the world is grey then.
    var shine = tint * amount * mix(0.16, 0.42, step(0.5, grey));
    if lamp < 0.06 {
        let paint = mix(own, tint, amount);
        shine = paint * glow * 1.6;
        base = mix(paint * 0.25, base, glow);
    } else if lamp < 0.2 {
        base = own;
        shine = own * glow * 0.7;
    } else if lamp < 0.8 {
        let threshold = (lamp - 0.25) * 2.0;
        let lit = smoothstep(threshold - 0.02, threshold + 0.02, glow);
        shine = shine * 0.5 + vec3<f32>(1.0, 0.60, 0.22) * lit * 1.3;
        pbr_input.material.perceptual_roughness = 0.12;
        pbr_input.material.reflectance = vec3<f32>(0.6);
    }
    if marked {
        // Slanting stripes: what is silent or off can be told without its colour.
        let stripe = fract((in.world_position.x + in.world_position.y * 1.4 + in.world_position.z) * 0.8);
        base = mix(base, vec3<f32>(0.02), step(0.62, stripe) * 0.85);
        shine *= 1.0 - step(0.62, stripe) * 0.8;
    }
    pbr_input.material.base_color = vec4<f32>(base, 1.0);
    // The sky is brighter than the ground.
    pbr_input.diffuse_occlusion = vec3<f32>(0.72 + 0.28 * pbr_input.N.y);
    pbr_input.material.base_color = alpha_discard(pbr_input.material, pbr_input.material.base_color);

#ifdef PREPASS_PIPELINE
    let out = deferred_output(in, pbr_input);
#else
    var out: FragmentOutput;
    out.color = apply_pbr_lighting(pbr_input);
    // Light of our own is told in what the eye sees, whatever the exposure.
    out.color = vec4<f32>(out.color.rgb + shine, out.color.a);
    out.color = main_pass_post_lighting_processing(pbr_input, out.color);
#endif
    return out;
}
