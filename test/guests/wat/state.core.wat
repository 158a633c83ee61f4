;; An HTTP handler of one core module that changes every kind of state an instance has, chosen by the first letter of
;; the path, and answers with what it found before: `0` each time when requests do not see each other.
;;   /g i32 global   /l i64 global   /f f64 global   /v v128 global   /m a byte of memory   /p pages of memory - 1, grows by one
;;   /w first byte of a page it just grew   /t size of the table - 2, grows by one   /s table slot set
;;   /d uses and drops a data segment   /e uses and drops an element segment (both trap the second time)
;;   /x writes to memory and globals, then traps
(module
  (import "wasi:http/types@0.2.12" "[method]incoming-request.path-with-query" (func $path (param i32 i32)))
  (import "wasi:http/types@0.2.12" "[resource-drop]incoming-request" (func $drop-request (param i32)))
  (import "wasi:http/types@0.2.12" "[constructor]fields" (func $fields (result i32)))
  (import "wasi:http/types@0.2.12" "[constructor]outgoing-response" (func $response (param i32) (result i32)))
  (import "wasi:http/types@0.2.12" "[method]outgoing-response.body" (func $body (param i32 i32)))
  (import "wasi:http/types@0.2.12" "[method]outgoing-body.write" (func $write (param i32 i32)))
  (import "wasi:http/types@0.2.12" "[static]outgoing-body.finish" (func $finish (param i32 i32 i32 i32)))
  (import "wasi:http/types@0.2.12" "[static]response-outparam.set" (func $set (param i32 i32 i32 i32 i64 i32 i32 i32 i32)))
  (import "wasi:io/streams@0.2.12" "[method]output-stream.blocking-write-and-flush" (func $put (param i32 i32 i32 i32)))
  (import "wasi:io/streams@0.2.12" "[resource-drop]output-stream" (func $drop-stream (param i32)))

  (memory (export "memory") 1)
  (table $table 2 100 funcref)
  (elem $spare func $unused)
  (data $spare "\00")
  (global $heap (mut i32) (i32.const 4096))
  (global $g (mut i32) (i32.const 0))
  (global $l (mut i64) (i64.const 0))
  (global $f (mut f64) (f64.const 0))
  (global $v (mut v128) (v128.const i32x4 0 0 0 0))
  (func $unused)

  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (global.get $heap)
    (global.set $heap (i32.and (i32.add (i32.add (global.get $heap) (local.get 3)) (i32.const 15)) (i32.const -8))))

  ;; What was there before, then the change.
  (func $change (param $kind i32) (result i32)
    (local $before i32)
    (if (i32.eq (local.get $kind) (i32.const 0x67)) (then ;; g
      (local.set $before (global.get $g))
      (global.set $g (i32.add (global.get $g) (i32.const 1)))))
    (if (i32.eq (local.get $kind) (i32.const 0x6c)) (then ;; l
      (local.set $before (i32.wrap_i64 (i64.shr_u (global.get $l) (i64.const 40))))
      (global.set $l (i64.add (global.get $l) (i64.const 0x10000000000)))))
    (if (i32.eq (local.get $kind) (i32.const 0x66)) (then ;; f
      (local.set $before (i32.trunc_f64_u (global.get $f)))
      (global.set $f (f64.add (global.get $f) (f64.const 1)))))
    (if (i32.eq (local.get $kind) (i32.const 0x76)) (then ;; v
      (local.set $before (i32x4.extract_lane 3 (global.get $v)))
      (global.set $v (i32x4.add (global.get $v) (v128.const i32x4 0 0 0 1)))))
    (if (i32.eq (local.get $kind) (i32.const 0x6d)) (then ;; m
      (local.set $before (i32.load8_u (i32.const 60000)))
      (i32.store8 (i32.const 60000) (i32.add (local.get $before) (i32.const 1)))))
    (if (i32.eq (local.get $kind) (i32.const 0x70)) (then ;; p
      (local.set $before (i32.sub (memory.grow (i32.const 1)) (i32.const 1)))))
    (if (i32.eq (local.get $kind) (i32.const 0x77)) (then ;; w
      (local.set $kind (i32.mul (memory.grow (i32.const 1)) (i32.const 65536)))
      (local.set $before (i32.load8_u (local.get $kind)))
      (i32.store8 (local.get $kind) (i32.const 5))))
    (if (i32.eq (local.get $kind) (i32.const 0x74)) (then ;; t
      (local.set $before (i32.sub (table.grow $table (ref.null func) (i32.const 1)) (i32.const 2)))))
    (if (i32.eq (local.get $kind) (i32.const 0x73)) (then ;; s
      (local.set $before (i32.eqz (ref.is_null (table.get $table (i32.const 1)))))
      (table.set $table (i32.const 1) (ref.func $unused))))
    (if (i32.eq (local.get $kind) (i32.const 0x64)) (then ;; d
      (memory.init $spare (i32.const 128) (i32.const 0) (i32.const 1))
      (data.drop $spare)))
    (if (i32.eq (local.get $kind) (i32.const 0x65)) (then ;; e
      (table.init $table $spare (i32.const 0) (i32.const 0) (i32.const 1))
      (elem.drop $spare)))
    (if (i32.eq (local.get $kind) (i32.const 0x78)) (then ;; x
      (i32.store8 (i32.const 60000) (i32.const 7))
      (global.set $g (i32.const 7))
      (global.set $l (i64.const 0x70000000000))
      (drop (memory.grow (i32.const 3)))
      (unreachable)))
    (local.get $before))

  (func (export "wasi:http/incoming-handler@0.2.12#handle") (param $request i32) (param $out i32)
    (local $response i32) (local $body i32) (local $stream i32)
    (call $path (local.get $request) (i32.const 16)) ;; option<string>: present at 16, address at 20
    (i32.store8 (i32.const 64) (i32.add (i32.const 0x30) (call $change (i32.load8_u offset=1 (i32.load (i32.const 20))))))
    (i32.store8 (i32.const 65) (i32.const 0x0a))
    (call $drop-request (local.get $request))
    (local.set $response (call $response (call $fields)))
    (call $body (local.get $response) (i32.const 16)) ;; result<own<outgoing-body>>: handle at 20
    (local.set $body (i32.load (i32.const 20)))
    (call $set (local.get $out) (i32.const 0) (local.get $response)
      (i32.const 0) (i64.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
    (call $write (local.get $body) (i32.const 16))
    (local.set $stream (i32.load (i32.const 20)))
    (call $put (local.get $stream) (i32.const 64) (i32.const 2) (i32.const 16))
    (call $drop-stream (local.get $stream))
    (call $finish (local.get $body) (i32.const 0) (i32.const 0) (i32.const 256)))
)
