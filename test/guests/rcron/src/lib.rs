//! Prints when it was called, in seconds since 1970. With `CRON_FAIL` in its environment it returns an error.

wit_bindgen::generate!({
    inline: r#"
        package fermyon:spin-cron@2.0.0;

        interface cron-types {
          record metadata { timestamp: u64 }
          variant error { other(string) }
        }

        world spin-cron {
          use cron-types.{metadata, error};
          export handle-cron-event: func(metadata: metadata) -> result<_, error>;
        }
    "#,
});

struct Handler;

impl Guest for Handler {
    fn handle_cron_event(metadata: Metadata) -> Result<(), Error> {
        if std::env::var("CRON_FAIL").is_ok() {
            return Err(Error::Other("the guest was told to fail".to_string()));
        }
        println!("called at {}", metadata.timestamp);
        Ok(())
    }
}

export!(Handler);
