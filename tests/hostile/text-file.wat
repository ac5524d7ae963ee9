;; Text where a component should be.
(component)
