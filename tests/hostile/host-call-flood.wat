;; `check` asks for the whole document as JSON for ever.
(module
  (import "provost:plugin/documents@1.0.0" "[method]document.to-json"
    (func $to-json (param i32 i32 i32 i32)))
  ;; @prelude
  (export "provost:plugin/checks@1.0.0#describe" (func $describe))
  (export "provost:plugin/checks@1.0.0#validate" (func $validate))
  (func (export "provost:plugin/checks@1.0.0#check")
    (param $documents i32) (param $count i32) (param $settings i32) (param $length i32)
    (result i32)
    (local.set $documents (i32.load (local.get $documents)))
    (loop $again
      ;; Whatever the host writes, it writes to the same place.
      (global.set $next (i32.const 8192))
      (call $to-json
        (local.get $documents) (i32.const 0) (i32.const 0) (i32.const 1024))
      (br $again))
    unreachable))
