//! One message of a consensus group on its way.

use gridtwin_kernel::SimTime;

/// A message among a group's members and its client. The client's index is the number of members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message {
    /// Which group.
    pub group: u16,
    /// Index of the sender among the members.
    pub from: u16,
    /// Index of the receiver among the members.
    pub to: u16,
    /// The protocol's own name of its kind, as in "prepare".
    pub kind: &'static str,
    /// When it left.
    pub sent: SimTime,
    /// When it arrives; never where it is lost on the way.
    pub arrives: Option<SimTime>,
}
