//! The cost of computing: joules and time per cryptographic operation, message handled and durable
//! write. The energy of transmission belongs to the links (see [`Links`](crate::Links)).

use gridtwin_kernel::Span;

/// What one handler did, as the meters count it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Signatures made.
    pub signs: u32,
    /// Signatures checked.
    pub verifies: u32,
    /// Message authentication codes made or checked.
    pub macs: u32,
    /// Bytes under them.
    pub mac_bytes: u32,
    /// Hashes computed.
    pub hashes: u32,
    /// Bytes hashed.
    pub hashed_bytes: u32,
    /// Writes to what survives.
    pub persists: u32,
    /// Bytes written.
    pub persisted_bytes: u32,
}

/// A node's costs. The defaults are a Raspberry Pi 4; \[R\] marks what is reconstructed or an order
/// of magnitude rather than taken from a source.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CostModel {
    /// Cycles a second.
    pub clock_hz: f64,
    /// Joules of one busy cycle, above idle.
    pub joules_per_cycle: f64,
    /// Power of the idle node, in W.
    pub idle_w: f64,
    /// Cycles of one signature.
    pub sign_cycles: f64,
    /// Cycles of checking one.
    pub verify_cycles: f64,
    /// Cycles of hashing one byte.
    pub hash_cycles_per_byte: f64,
    /// Cycles of taking one message from the network and handling it.
    pub handle_cycles: f64,
    /// Seconds of one durable write.
    pub persist_s: f64,
    /// Joules of one durable write.
    pub persist_j: f64,
}

impl CostModel {
    /// A Raspberry Pi 4: 2.7 W idle and 6.4 W with its four cores busy at 1.5 GHz are 0.617 nJ a
    /// cycle (pidramble's figures); Ed25519 signs in 226,717 cycles and verifies in 740,570
    /// (lib25519's table, OpenSSL on Goldmont); SHA-256 takes about 15 cycles a byte without
    /// extensions \[R\]; handling a datagram about 30,000 cycles \[R\]; a flushed write 0.2 ms at
    /// about 2 W \[R\].
    pub const RASPBERRY_PI_4: Self = Self {
        clock_hz: 1.5e9,
        joules_per_cycle: 0.617e-9,
        idle_w: 2.7,
        sign_cycles: 226_717.0,
        verify_cycles: 740_570.0,
        hash_cycles_per_byte: 15.0,
        handle_cycles: 30_000.0,
        persist_s: 0.2e-3,
        persist_j: 0.4e-3,
    };

    /// A machine without computing time or energy, for tests of the network alone.
    pub const FREE: Self = Self {
        clock_hz: 1e9,
        joules_per_cycle: 0.0,
        idle_w: 0.0,
        sign_cycles: 0.0,
        verify_cycles: 0.0,
        hash_cycles_per_byte: 0.0,
        handle_cycles: 0.0,
        persist_s: 0.0,
        persist_j: 0.0,
    };

    /// Cycles that a message authentication code adds to those of hashing its bytes: two more
    /// blocks of 64 bytes, as in HMAC (RFC 2104).
    const MAC_EXTRA_BYTES: f64 = 128.0;

    /// Time and marginal joules of handling one message, or one timer, with the work it caused.
    pub fn of(&self, work: &Work) -> (Span, f64) {
        let hashed = f64::from(work.hashed_bytes)
            + f64::from(work.mac_bytes)
            + Self::MAC_EXTRA_BYTES * f64::from(work.macs);
        let cycles = self.handle_cycles
            + self.sign_cycles * f64::from(work.signs)
            + self.verify_cycles * f64::from(work.verifies)
            + self.hash_cycles_per_byte * hashed;
        let persists = f64::from(work.persists);
        (
            // Through i64, for which processors have an instruction.
            Span((1e9 * (cycles / self.clock_hz + self.persist_s * persists)) as i64 as u64),
            self.joules_per_cycle * cycles + self.persist_j * persists,
        )
    }
}

impl Default for CostModel {
    fn default() -> Self {
        Self::RASPBERRY_PI_4
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signing_and_verifying_cost_what_the_table_says() {
        let pi = CostModel { handle_cycles: 0.0, ..CostModel::RASPBERRY_PI_4 };
        let sign = Work { signs: 1, ..Work::default() };
        let verify = Work { verifies: 1, ..Work::default() };
        assert!((pi.of(&sign).1 - 0.14e-3).abs() < 0.005e-3);
        assert!((pi.of(&verify).1 - 0.46e-3).abs() < 0.005e-3);
        assert_eq!(pi.of(&verify).0, Span(493_713));
    }
}
