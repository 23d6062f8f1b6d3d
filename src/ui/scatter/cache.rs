//! Vertex buffers that live as long as the data they were filled from.

use std::any::Any;
use std::collections::HashMap;
use std::sync::{Arc, Weak};

use bytemuck::Pod;
use eframe::egui_wgpu::wgpu::{self, util::DeviceExt as _};

/// Buffers of one kind, keyed by the two allocations they were made from.
#[derive(Default)]
pub(super) struct Cache {
    entries: HashMap<[usize; 2], Entry>,
    /// Buffers filled so far.
    #[cfg(test)]
    pub uploads: usize,
}

struct Entry {
    /// While a weak handle is held its address is not given out again, so the
    /// address can serve as the key.
    sources: [Weak<dyn Any + Send + Sync>; 2],
    buffer: wgpu::Buffer,
}

impl Cache {
    fn key<A, B>(values: &Arc<A>, order: &Arc<B>) -> [usize; 2] {
        [Arc::as_ptr(values).addr(), Arc::as_ptr(order).addr()]
    }

    /// The buffer made from these two, if there is one.
    pub fn get<A, B>(&self, values: &Arc<A>, order: &Arc<B>) -> Option<&wgpu::Buffer> {
        self.entries
            .get(&Self::key(values, order))
            .map(|entry| &entry.buffer)
    }

    /// Drop what nobody owns any more, then fill a buffer with one value per
    /// entry of `order` unless there is one already.
    pub fn ensure<A, T>(
        &mut self,
        device: &wgpu::Device,
        values: &Arc<A>,
        order: &Arc<Vec<u32>>,
        value: impl Fn(usize) -> T,
    ) where
        A: Any + Send + Sync,
        T: Pod,
    {
        self.entries
            .retain(|_, entry| entry.sources.iter().all(|source| source.strong_count() > 0));
        let key = Self::key(values, order);
        let bytes = (order.len() * size_of::<T>()) as u64;
        // A cloud too large for the card is not drawn; that beats a crash.
        if self.entries.contains_key(&key) || bytes > device.limits().max_buffer_size {
            return;
        }
        let ordered: Vec<T> = order.iter().map(|&index| value(index as usize)).collect();
        let buffer = device.create_buffer_init(&wgpu::util::BufferInitDescriptor {
            label: Some("scatter points"),
            contents: bytemuck::cast_slice(&ordered),
            usage: wgpu::BufferUsages::VERTEX,
        });
        let values: Weak<A> = Arc::downgrade(values);
        let order: Weak<Vec<u32>> = Arc::downgrade(order);
        self.entries.insert(
            key,
            Entry {
                sources: [values, order],
                buffer,
            },
        );
        #[cfg(test)]
        {
            self.uploads += 1;
        }
    }
}
