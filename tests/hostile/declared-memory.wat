;; Declares almost 4 GiB of memory.
(module
  (memory (export "memory") 65535)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
  (func (export "provost:plugin/checks@1.0.0#describe") (result i32) unreachable)
  (func (export "provost:plugin/checks@1.0.0#validate") (param i32 i32) (result i32) unreachable)
  (func (export "provost:plugin/checks@1.0.0#check") (param i32 i32 i32 i32) (result i32) unreachable))
