//! Takes a message of a queue: prints its id, attributes and body. By its body it leaves the message (`leave`), returns an
//! error (`fail`), traps (`panic`), or sleeps first (`slow N`, in milliseconds); else the message is deleted.

wit_bindgen::generate!({
    inline: r#"
        package fermyon:spin-sqs@2.0.0;

        interface sqs-types {
          variant message-attribute-value { str(string), binary(list<u8>) }
          record message-attribute {
            name: string,
            data-type: option<string>,
            value: message-attribute-value,
          }
          record message {
            id: option<string>,
            message-attributes: list<message-attribute>,
            body: option<string>,
          }
          enum message-action { delete, leave }
          variant error { other(string) }
        }

        world spin-sqs {
          use sqs-types.{message, message-action, error};
          export handle-queue-message: func(message: message) -> result<message-action, error>;
        }
    "#,
});

struct Handler;

impl Guest for Handler {
    fn handle_queue_message(message: Message) -> Result<MessageAction, Error> {
        let body = message.body.unwrap_or_default();
        let mut attributes: Vec<String> =
            message.message_attributes.iter().map(|a| format!("{}={:?} {:?}", a.name, a.value, a.data_type)).collect();
        attributes.sort();
        println!("message {} [{}] {body}", message.id.unwrap_or_default(), attributes.join(", "));
        match body.as_str() {
            "leave" => return Ok(MessageAction::Leave),
            "fail" => return Err(Error::Other("the guest was told to fail".to_string())),
            "panic" => panic!("the guest was told to panic"),
            slow => {
                if let Some(ms) = slow.strip_prefix("slow ").and_then(|n| n.parse().ok()) {
                    std::thread::sleep(std::time::Duration::from_millis(ms));
                }
            }
        }
        Ok(MessageAction::Delete)
    }
}

export!(Handler);
