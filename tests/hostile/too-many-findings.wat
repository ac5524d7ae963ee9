;; Four thousand findings in the same place.
(module
  ;; @prelude
  (export "provost:plugin/checks@1.0.0#describe" (func $describe))
  (export "provost:plugin/checks@1.0.0#validate" (func $validate))
  (func (export "provost:plugin/checks@1.0.0#check")
    (param $documents i32) (param $count i32) (param $settings i32) (param $length i32)
    (result i32)
    (local $at i32)
    (call $drop-documents (local.get $documents) (local.get $count))
    (drop (memory.grow (i32.const 8)))
    (local.set $at (i32.const 65536))
    (loop $again
      (memory.copy (local.get $at) (i32.const 544) (i32.const 52))
      (local.set $at (i32.add (local.get $at) (i32.const 52)))
      (br_if $again (i32.lt_u (local.get $at) (i32.const 273536))))
    (i32.store (i32.const 500) (i32.const 65536))
    (i32.store (i32.const 504) (i32.const 4000))
    (i32.const 496)))
