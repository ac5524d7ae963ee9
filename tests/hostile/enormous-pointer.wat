;; `check` asks for a field whose pointer is larger than what may be copied to the host.
(module
  (import "provost:plugin/documents@1.0.0" "[method]document.to-json"
    (func $to-json (param i32 i32 i32 i32)))
  ;; @prelude
  (export "provost:plugin/checks@1.0.0#describe" (func $describe))
  (export "provost:plugin/checks@1.0.0#validate" (func $validate))
  (func (export "provost:plugin/checks@1.0.0#check")
    (param $documents i32) (param $count i32) (param $settings i32) (param $length i32)
    (result i32)
    (drop (memory.grow (i32.const 300)))
    (call $to-json
      (i32.load (local.get $documents)) (i32.const 0) (i32.const 16777216) (i32.const 1024))
    unreachable))
