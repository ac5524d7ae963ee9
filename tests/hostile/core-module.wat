;; A module without the component layer.
(module (func (export "check")))
