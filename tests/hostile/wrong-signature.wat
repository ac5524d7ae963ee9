;; Exports `checks`, with functions of other types.
(component
  (core module $m
    (func (export "f") (result i32) (i32.const 7)))
  (core instance $i (instantiate $m))
  (func $f (result u32) (canon lift (core func $i "f")))
  (instance $checks
    (export "describe" (func $f))
    (export "validate" (func $f))
    (export "check" (func $f)))
  (export "provost:plugin/checks@1.0.0" (instance $checks)))
