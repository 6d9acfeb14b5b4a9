;;; SPDX-License-Identifier: MIT
;;; The Lisp (SBCL) counterpart of bench/host: same arguments, same lines. There
;;; is no second thread of ours: the third number is "-".

(defun now-ns ()
  (multiple-value-bind (s ns)
      (sb-unix::clock-gettime 1)
    (+ (* s 1000000000) ns)))

;; Vectors of 1 KB to 100 KB.
(defun fill-memory (mb)
  (loop with left = (ash mb 20)
	for n from 0
	while (plusp left)
	for size = (* 1024 (1+ (mod (* n 37) 100)))
	do (decf left size)
	collect (make-array size :element-type '(unsigned-byte 8)
				 :initial-element 1)))

(defun sample ()
  (let* ((start (now-ns))
	 (child (sb-ext:run-program "./nop" '() :wait nil))
	 (returned (now-ns)))
    (sb-ext:process-wait child)
    (unless (eql (sb-ext:process-exit-code child) 0)
      (error "the child did not exit with 0"))
    (format t "~d ~d -~%" (- returned start) (- (now-ns) start))))

(defun run (count ms)
  (let ((limit (+ (now-ns) (* ms 1000000))))
    (loop repeat (max count 1)
	  do (sample)
	  while (< (now-ns) limit))))

(defun words (line)
  (with-input-from-string (in (substitute #\Space #\: line))
    (loop for word = (read in nil) while word collect word)))

(defvar *memory*
  (fill-memory (parse-integer (car (last sb-ext:*posix-argv*)))))

(format t "ready~%")
(finish-output)
(loop for line = (read-line *standard-input* nil)
      while line
      do (destructuring-bind (name count ms) (words line)
	   (declare (ignore name))
	   (handler-case (progn (run count ms) (format t "end~%"))
	     (error (e) (format t "failed: ~a~%" e))))
	 (finish-output))
