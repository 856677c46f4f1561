"""Tests of how tools/demo.py judges what it saw: it must not say that all is right when it is not."""

import pathlib
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parents[3] / "tools"))
from demo import is_found, is_named, judge, outcomes  # noqa: E402

GOOD, BAD = "http://127.0.0.1:1/dog.jpg", "http://127.0.0.1:1/not-here.jpg"
FAILED = f"""{BAD}
   ✗ http_status: the origin answered 404
"""
SHOWN = f"""{FAILED}{GOOD}
     97.0 %  German shepherd, alsatian  (fetch 1.0, decode 3.0, infer 4.9 ms)
             or malinois 0.3 %
""".splitlines()
BOXES = f"""{FAILED}{GOOD}
     97.0 %  dog  1,2 – 30,40  (fetch 1.0, decode 3.0, infer 4.9 ms)
     61.0 %  dog  5,2 – 60,40
     52.3 %  teddy bear  0,0 – 9,9
""".splitlines()
RIGHT, ERRORS = {GOOD: ["German shepherd"]}, {BAD: "http_status"}


def faults(status=1, lines=SHOWN, right=RIGHT, errors=ERRORS, is_right=is_named):
    return judge(status, outcomes(lines), right, errors, is_right)


class Demo(unittest.TestCase):
    def test_reads_labels_and_errors_out_of_the_text(self):
        self.assertEqual(outcomes(SHOWN)[GOOD].labels, ["German shepherd, alsatian"])
        self.assertEqual(outcomes(SHOWN)[BAD].error, "http_status")

    def test_reads_objects_out_of_the_text(self):
        self.assertEqual(outcomes(BOXES)[GOOD].labels, ["dog", "dog", "teddy bear"])

    def test_what_is_as_expected_has_no_fault(self):
        self.assertEqual(faults(), [])
        self.assertEqual(faults(lines=BOXES, right={GOOD: ["dog", "dog"]}, is_right=is_found), [])

    def test_a_wrong_label_is_a_fault(self):
        self.assertIn("German shepherd", *faults(right={GOOD: ["malinois"]}))

    def test_a_label_that_only_begins_alike_is_a_fault(self):
        self.assertEqual(len(faults(right={GOOD: ["German"]})), 1)

    def test_an_object_too_few_is_a_fault(self):
        self.assertEqual(len(faults(lines=BOXES, right={GOOD: ["dog", "dog", "dog"]}, is_right=is_found)), 1)
        self.assertEqual(len(faults(lines=BOXES, right={GOOD: ["cat"]}, is_right=is_found)), 1)

    def test_a_missing_result_is_a_fault(self):
        self.assertIn("no result", *faults(lines=SHOWN[:2]))

    def test_another_error_is_a_fault(self):
        self.assertEqual(len(faults(errors={BAD: "timeout"})), 1)

    def test_an_answer_where_an_error_is_due_is_a_fault(self):
        self.assertEqual(len(faults(errors={GOOD: "timeout"})), 1)

    def test_another_exit_status_is_a_fault(self):
        self.assertEqual(len(faults(status=0)), 1)


if __name__ == "__main__":
    unittest.main()
