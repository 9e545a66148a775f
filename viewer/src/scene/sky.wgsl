// The sky as the eye sees it: a gradient by the sun's place, or nothing where Bevy's atmosphere
// draws it; and over it clouds by how clear it is, and stars.

#import bevy_pbr::{
    forward_io::VertexOutput,
    mesh_view_bindings::view,
}

struct Sky {
    to_sun: vec4<f32>,
    zenith: vec4<f32>,
    horizon: vec4<f32>,
    glow: vec4<f32>,
    // Whether the gradient is drawn, share of clouds, night, drift.
    how: vec4<f32>,
}

@group(#{MATERIAL_BIND_GROUP}) @binding(0) var<uniform> sky: Sky;

fn hash(p: vec2<f32>) -> f32 {
    var q = fract(p * vec2<f32>(0.1031, 0.1030));
    q += dot(q, q.yx + 33.33);
    return fract((q.x + q.y) * q.x);
}

fn noise(p: vec2<f32>) -> f32 {
    let cell = floor(p);
    let f = fract(p);
    let u = f * f * (3.0 - 2.0 * f);
    let low = mix(hash(cell), hash(cell + vec2(1.0, 0.0)), u.x);
    let high = mix(hash(cell + vec2(0.0, 1.0)), hash(cell + vec2(1.0, 1.0)), u.x);
    return mix(low, high, u.y);
}

fn billows(p: vec2<f32>) -> f32 {
    var at = p;
    var sum = 0.0;
    var weight = 0.5;
    for (var i = 0; i < 5; i++) {
        sum += weight * noise(at);
        at = vec2(at.x * 1.6 - at.y * 1.2, at.x * 1.2 + at.y * 1.6) + 3.7;
        weight *= 0.5;
    }
    return sum;
}

@fragment
fn fragment(in: VertexOutput) -> @location(0) vec4<f32> {
    let dir = normalize(in.world_position.xyz - view.world_position);
    let up = max(dir.y, 0.0);
    let towards = max(dot(dir, normalize(sky.to_sun.xyz)), 0.0);
    let low = pow(1.0 - up, 5.0);
    var color = mix(sky.zenith.rgb, sky.horizon.rgb, low);
    let near_horizon = pow(1.0 - up, 3.0);
    color += sky.glow.rgb * (pow(towards, 6.0) * 0.30 * near_horizon + pow(towards, 64.0) * 0.35);
    color += sky.glow.rgb * smoothstep(0.99965, 0.9998, towards) * 6.0 * (1.0 - sky.how.y * 0.8);
    var alpha = sky.how.x;

    // Stars.
    let night = sky.how.z;
    if night > 0.3 && dir.y > 0.02 {
        let grid = dir.xz / (dir.y + 0.6) * 170.0;
        let star = hash(floor(grid));
        let spot = length(fract(grid) - 0.5);
        let shine = step(0.9925, star) * smoothstep(0.28, 0.0, spot) * (star - 0.99) * 70.0;
        color += vec3(0.8, 0.9, 1.0) * shine * (night - 0.3) * (1.0 - sky.how.y * 0.7);
        alpha = max(alpha, shine * (night - 0.3));
    }

    // Clouds: a sheet overhead, thinner towards the horizon.
    if dir.y > 0.015 {
        let p = dir.xz / (dir.y + 0.14) * 1.5 + vec2(sky.how.w, sky.how.w * 0.4);
        let cover = mix(0.66, 0.24, sky.how.y);
        let heap = billows(p);
        let density = smoothstep(cover, cover + 0.24, heap) * smoothstep(0.015, 0.16, dir.y);
        let shade = smoothstep(cover, cover + 0.5, billows(p + normalize(sky.to_sun.xz + 0.001) * 0.12));
        let bright = mix(sky.horizon.rgb * 1.05, vec3(1.0, 1.0, 1.0), 1.0 - night) * mix(1.1, 0.62, sky.how.y)
            * mix(1.0, 0.10, night) + sky.glow.rgb * 0.35 * pow(towards, 3.0);
        let dark = mix(bright * 0.62, sky.zenith.rgb, 0.25);
        let cloud = mix(bright, dark, shade);
        let opacity = density * 0.92;
        color = mix(color, cloud, opacity / max(max(alpha, opacity), 0.001));
        alpha = max(alpha, opacity);
    }
    return vec4(color, alpha);
}
