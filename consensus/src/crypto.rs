//! Cryptography as a capability: a signature is a token that only its owner can create, and a
//! digest is a 64-bit mix. There is no real cryptography here; the meters account for its cost.

use crate::NodeId;

/// A signature over a digest. Only [`Fx::sign`](crate::Fx::sign) creates one, as the acting node,
/// so that no node, Byzantine or not, can forge another node's signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sig(u64);

impl Sig {
    /// The signature of `signer` over `digest`.
    pub(crate) fn mint(signer: NodeId, digest: u64) -> Self {
        Self(mix(mix(0x5157_1e57_0b57_ac1e, u64::from(signer.0)), digest))
    }
}

/// An attestation by a trusted monotonic counter: a digest bound to a number that the counter
/// issues once. Only [`Fx::attest`](crate::Fx::attest) creates one, so that not even a Byzantine
/// node can bind two digests to one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Attested {
    /// The counter's value: 1 for the first digest.
    pub counter: u64,
    seal: Sig,
}

impl Attested {
    /// The counter of `owner` at `counter` over `digest`.
    pub(crate) fn mint(owner: NodeId, counter: u64, digest: u64) -> Self {
        let seal = Sig::mint(owner, mix(mix(0x7ee5_ea1e_d0c0_0123, counter), digest));
        Self { counter, seal }
    }
}

/// Mixes `value` into `state`: equal sequences give equal digests, and different ones different
/// digests but for a chance of 2^-64.
pub fn mix(state: u64, value: u64) -> u64 {
    // The finaliser of SplitMix64 (Steele, Lea, Flood 2014), over a multiplied sum.
    let mut z = state
        .rotate_left(25)
        .wrapping_mul(0x9e37_79b9_7f4a_7c15)
        .wrapping_add(value ^ 0xd1b5_4a32_d192_ed03);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The digest of a few words.
pub fn digest<const N: usize>(words: [u64; N]) -> u64 {
    words.into_iter().fold(N as u64, mix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_differ_by_signer_and_by_content() {
        let sig = Sig::mint(NodeId(1), 7);
        assert_eq!(sig, Sig::mint(NodeId(1), 7));
        assert_ne!(sig, Sig::mint(NodeId(2), 7));
        assert_ne!(sig, Sig::mint(NodeId(1), 8));
    }

    #[test]
    fn digests_depend_on_order_and_length() {
        assert_ne!(digest([1, 2]), digest([2, 1]));
        assert_ne!(digest([0]), digest([0, 0]));
    }
}
