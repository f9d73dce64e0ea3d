//! What costs too much to be looked up for everybody who asks: one look serves all who ask soon after.

use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

/// Looking may take this part of the time: what took a second is good for twenty.
const SHARE: u32 = 20;

/// Something that was looked up, for as long as it is good.
pub(crate) struct Seldom<T> {
    least: Duration,
    known: Mutex<Option<(Instant, T)>>,
}

impl<T: Clone> Seldom<T> {
    /// Nothing yet; what is found will be good for `least` in any case.
    pub(crate) fn new(least: Duration) -> Self {
        Self { least, known: Mutex::default() }
    }

    /// What was found last, if that is still good, else what `look` finds. Whoever asks meanwhile waits
    /// for that.
    ///
    /// # Errors
    /// Those of `look`; the next one looks again.
    pub(crate) async fn get<E>(&self, look: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        let mut known = self.known.lock().await;
        if let Some((until, value)) = &*known
            && Instant::now() < *until
        {
            return Ok(value.clone());
        }
        let begun = Instant::now();
        let value = look.await?;
        let good = self.least.max(begun.elapsed() * SHARE);
        *known = Some((Instant::now() + good, value.clone()));
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_took_long_is_good_for_long() {
        let seldom = Seldom::new(Duration::from_secs(1));
        let look = |value: u32, took: u64| async move {
            tokio::time::sleep(Duration::from_millis(took)).await;
            Ok::<_, ()>(value)
        };
        assert_eq!(seldom.get(look(1, 0)).await, Ok(1));
        assert_eq!(seldom.get(look(2, 0)).await, Ok(1));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(seldom.get(look(2, 500)).await, Ok(2));
        tokio::time::advance(Duration::from_secs(9)).await;
        assert_eq!(seldom.get(look(3, 0)).await, Ok(2));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(seldom.get(async { Err(()) }).await, Err(()));
        assert_eq!(seldom.get(look(3, 0)).await, Ok(3));
    }
}
