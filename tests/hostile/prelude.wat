;; What most hostile guests share. A line `;; @prelude` in a guest is replaced by
;; this text; the guest's own imports go before it, its functions after it. The
;; guest exports `$describe`, `$validate` and `$check`, or its own in their place.
;;
;; Layout of memory: texts below 256, records below 1024, free from 8192 on.
  (import "provost:plugin/documents@1.0.0" "[resource-drop]document"
    (func $drop-document (param i32)))
  (memory (export "memory") 1)

  (data (i32.const 16) "hostile")
  (data (i32.const 32) "1.0.0")
  (data (i32.const 48) "{}")
  (data (i32.const 64) "a-rule")
  (data (i32.const 80) "A title")
  (data (i32.const 96) "log")
  (data (i32.const 112) "/metadata/name")

  ;; rule: id, title, severity (medium), rationale, remedy, controls
  (data (i32.const 256) (i32 64 6 80 7 2 80 7 80 7 0 0))
  ;; list<string>: capabilities
  (data (i32.const 304) (i32 96 3))
  ;; description: name, version, rules, settings-schema, kinds, capabilities
  (data (i32.const 320) (i32 16 7 32 5 256 1 48 2 0 0 0 0))
  ;; the same, requesting `log`
  (data (i32.const 384) (i32 16 7 32 5 256 1 48 2 0 0 304 1))
  ;; result<_, string>: ok, at 448; result<report, string>: ok and empty, at 464
  ;; result<report, string> with one finding, which is at 544
  (data (i32.const 496) (i32 0 544 1 0 0))
  ;; finding: rule, document, pointer, message, remedy (none), patch (none)
  (data (i32.const 544) (i32 64 6 0 112 14 80 7 0 0 0 0 0 0))

  (global $next (mut i32) (i32.const 8192))

  ;; Never frees; grows when it must.
  (func $realloc (export "cabi_realloc")
    (param $old i32) (param $old-size i32) (param $align i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at
      (i32.and
        (i32.add (global.get $next) (i32.sub (local.get $align) (i32.const 1)))
        (i32.sub (i32.const 0) (local.get $align))))
    (global.set $next (i32.add (local.get $at) (local.get $size)))
    (block $fits
      (loop $grow
        (br_if $fits
          (i32.le_u (global.get $next) (i32.mul (memory.size) (i32.const 65536))))
        (br_if $grow (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))
        unreachable))
    (local.get $at))

  ;; Gives back the documents of a call, as a tidy guest does.
  (func $drop-documents (param $documents i32) (param $count i32)
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $count)))
        (call $drop-document (i32.load (local.get $documents)))
        (local.set $documents (i32.add (local.get $documents) (i32.const 4)))
        (local.set $count (i32.sub (local.get $count) (i32.const 1)))
        (br $next))))

  (func $describe (result i32) (i32.const 320))
  (func $describe-with-log (result i32) (i32.const 384))
  (func $validate (param $settings i32) (param $length i32) (result i32) (i32.const 448))
  (func $check
    (param $documents i32) (param $count i32) (param $settings i32) (param $length i32)
    (result i32)
    (call $drop-documents (local.get $documents) (local.get $count))
    (i32.const 464))
