//! Messages in progress, each stored once however many nodes it goes to, so that the event queue
//! moves four bytes of it. Not a queue: it knows nothing of time.

/// Values with the number of times each will still be asked for.
#[derive(Clone, Debug)]
pub(crate) struct Pool<T> {
    slots: Vec<Slot<T>>,
    free: Vec<u32>,
}

#[derive(Clone, Debug)]
struct Slot<T> {
    value: Option<T>,
    uses: u32,
}

impl<T> Pool<T> {
    pub(crate) fn new() -> Self {
        Self { slots: Vec::new(), free: Vec::new() }
    }

    /// Stores a value, for no use yet.
    pub(crate) fn put(&mut self, value: T) -> u32 {
        let slot = Slot { value: Some(value), uses: 0 };
        if let Some(index) = self.free.pop() {
            self.slots[index as usize] = slot;
            return index;
        }
        self.slots.push(slot);
        (self.slots.len() - 1) as u32
    }

    /// One more use to come.
    pub(crate) fn expect(&mut self, index: u32) {
        self.slots[index as usize].uses += 1;
    }

    /// Gives the value up if no use is to come.
    pub(crate) fn settle(&mut self, index: u32) {
        let slot = &mut self.slots[index as usize];
        if slot.uses == 0 {
            slot.value = None;
            self.free.push(index);
        }
    }

    /// The value.
    pub(crate) fn get(&self, index: u32) -> &T {
        let value = self.slots[index as usize].value.as_ref();
        value.expect("a value in use is kept")
    }

    /// One use is over.
    pub(crate) fn done(&mut self, index: u32) {
        self.slots[index as usize].uses -= 1;
        self.settle(index);
    }

    /// How many values are stored.
    pub(crate) fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }
}
