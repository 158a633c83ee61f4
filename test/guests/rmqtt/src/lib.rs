//! Takes an MQTT message: prints its topic and its text. `fail` makes the handler return an error, `panic` traps,
//! `slow` says that it
//! begins and sleeps for a second first.

wit_bindgen::generate!({
    inline: r#"
        package spin:mqtt-trigger;

        interface spin-mqtt-types {
          variant error { other(string) }
          record metadata { topic: string }
          type payload = list<u8>;
        }

        world spin-mqtt {
          use spin-mqtt-types.{error, metadata, payload};
          export handle-message: func(message: payload, metadata: metadata) -> result<_, error>;
        }
    "#,
});

struct Handler;

impl Guest for Handler {
    fn handle_message(message: Payload, metadata: Metadata) -> Result<(), Error> {
        let text = String::from_utf8_lossy(&message).into_owned();
        match text.as_str() {
            "fail" => return Err(Error::Other("the guest was told to fail".to_string())),
            "panic" => panic!("the guest was told to panic"),
            "slow" => {
                println!("{}: begins", metadata.topic);
                std::thread::sleep(std::time::Duration::from_secs(1));
            }
            _ => {}
        }
        println!("{}: {text}", metadata.topic);
        Ok(())
    }
}

export!(Handler);
