;; A thousand findings whose texts are all the same 1 MiB: 3 GiB on the host.
(module
  ;; @prelude
  (export "provost:plugin/checks@1.0.0#describe" (func $describe))
  (export "provost:plugin/checks@1.0.0#validate" (func $validate))
  (func (export "provost:plugin/checks@1.0.0#check")
    (param $documents i32) (param $count i32) (param $settings i32) (param $length i32)
    (result i32)
    (local $at i32)
    (call $drop-documents (local.get $documents) (local.get $count))
    (drop (memory.grow (i32.const 32)))
    (memory.fill (i32.const 1048576) (i32.const 97) (i32.const 1048576))
    (local.set $at (i32.const 65536))
    (loop $again
      (memory.copy (local.get $at) (i32.const 544) (i32.const 52))
      ;; message and remedy: 1 MiB at 1 MiB
      (i32.store offset=20 (local.get $at) (i32.const 1048576))
      (i32.store offset=24 (local.get $at) (i32.const 1048576))
      (i32.store offset=28 (local.get $at) (i32.const 1))
      (i32.store offset=32 (local.get $at) (i32.const 1048576))
      (i32.store offset=36 (local.get $at) (i32.const 1048576))
      (local.set $at (i32.add (local.get $at) (i32.const 52)))
      (br_if $again (i32.lt_u (local.get $at) (i32.const 117536))))
    (i32.store (i32.const 500) (i32.const 65536))
    (i32.store (i32.const 504) (i32.const 1000))
    (i32.const 496)))
