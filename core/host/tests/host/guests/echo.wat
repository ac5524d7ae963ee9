;; Answers, for each document, with the JSON at the pointer in its settings (a JSON
;; text, so without its quotes). Traps on a document that has a field `trap`.
(module
  (import "provost:plugin/documents@1.0.0" "[method]document.to-json"
    (func $to-json (param i32 i32 i32 i32)))
  ;; @prelude
  (export "provost:plugin/checks@1.0.0#describe" (func $describe))
  (export "provost:plugin/checks@1.0.0#validate" (func $validate))

  (data (i32.const 1040) "/trap")
  (data (i32.const 1056) "nothing")

  ;; Findings of 52 bytes each, from 1024 + 128 on: room for 100.
  (func $check-all (export "provost:plugin/checks@1.0.0#check")
    (param $documents i32) (param $count i32) (param $settings i32) (param $length i32)
    (result i32)
    (local $index i32) (local $document i32) (local $finding i32)
    (local.set $finding (i32.const 1152))
    (block $done
      (loop $next
        (br_if $done (i32.eq (local.get $index) (local.get $count)))
        (local.set $document
          (i32.load
            (i32.add (local.get $documents) (i32.mul (local.get $index) (i32.const 4)))))
        (call $to-json (local.get $document) (i32.const 1040) (i32.const 5) (i32.const 1024))
        (if (i32.load8_u (i32.const 1024)) (then (call $refuse)))
        (call $to-json
          (local.get $document)
          (i32.add (local.get $settings) (i32.const 1))
          (i32.sub (local.get $length) (i32.const 2))
          (i32.const 1024))
        (memory.copy (local.get $finding) (i32.const 544) (i32.const 52))
        (i32.store offset=8 (local.get $finding) (local.get $index))
        (if (i32.load8_u (i32.const 1024))
          (then
            (i32.store offset=20 (local.get $finding) (i32.load (i32.const 1028)))
            (i32.store offset=24 (local.get $finding) (i32.load (i32.const 1032))))
          (else (i32.store offset=20 (local.get $finding) (i32.const 1056))))
        (call $drop-document (local.get $document))
        (local.set $finding (i32.add (local.get $finding) (i32.const 52)))
        (local.set $index (i32.add (local.get $index) (i32.const 1)))
        (br $next)))
    (i32.store (i32.const 500) (i32.const 1152))
    (i32.store (i32.const 504) (local.get $count))
    (i32.const 496))

  (func $refuse unreachable))
