//! A command: CGI over the standard streams when it finds a REQUEST_METHOD, else it prints what it was given.
//! The first argument (or QUERY_STRING) chooses: `fail` leaves with code 3, `panic` panics, `nothing` prints nothing,
//! `redirect` and `status` answer with those CGI headers; anything else lists arguments, environment and input.

use std::io::Read;

fn main() {
    let query = std::env::var("QUERY_STRING").unwrap_or_default();
    let what = std::env::args().nth(1).filter(|_| query.is_empty()).unwrap_or(query);
    let cgi = std::env::var("REQUEST_METHOD").is_ok();
    match what.as_str() {
        "fail" => std::process::exit(3),
        "panic" => panic!("the guest was told to panic"),
        "nothing" => return,
        "redirect" => return println!("location: /elsewhere\n"),
        "status" => return println!("status: 418 short and stout\ncontent-type: text/plain\n\nI am a teapot"),
        _ => {}
    }
    if cgi {
        println!("content-type: text/plain\n");
    }
    println!("args {:?}", std::env::args().skip(1).collect::<Vec<_>>());
    let mut variables: Vec<_> = std::env::vars().collect();
    variables.sort();
    for (name, value) in variables {
        println!("{name}={value}");
    }
    let mut input = Vec::new();
    match std::io::stdin().read_to_end(&mut input) {
        Ok(_) => println!("input {:?}", String::from_utf8_lossy(&input)),
        Err(e) => println!("input error {e}"),
    }
    eprintln!("to the error output");
}
