"""Tests of how tools/demo.py judges what it saw: it must not say that all is right when it is not."""

import pathlib
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parents[3] / "tools"))
from demo import judge, outcomes  # noqa: E402

GOOD, BAD = "http://127.0.0.1:1/dog.jpg", "http://127.0.0.1:1/not-here.jpg"
SHOWN = f"""{BAD}
   ✗ http_status: the origin answered 404
{GOOD}
     97.0 %  German shepherd, alsatian  (fetch 1.0, decode 3.0, infer 4.9 ms)
             or malinois 0.3 %
""".splitlines()
RIGHT, ERRORS = {GOOD: ["German shepherd"]}, {BAD: "http_status"}


class Demo(unittest.TestCase):
    def test_reads_labels_and_errors_out_of_the_text(self):
        self.assertEqual(outcomes(SHOWN), {BAD: "http_status", GOOD: "German shepherd, alsatian"})

    def test_what_is_as_expected_has_no_fault(self):
        self.assertEqual(judge(1, outcomes(SHOWN), RIGHT, ERRORS), [])

    def test_a_wrong_label_is_a_fault(self):
        self.assertIn("German shepherd", *judge(1, outcomes(SHOWN), {GOOD: ["malinois"]}, ERRORS))

    def test_a_label_that_only_begins_alike_is_a_fault(self):
        self.assertEqual(len(judge(1, outcomes(SHOWN), {GOOD: ["German"]}, ERRORS)), 1)

    def test_a_missing_result_is_a_fault(self):
        self.assertIn("no result", *judge(1, outcomes(SHOWN[:2]), RIGHT, ERRORS))

    def test_another_error_is_a_fault(self):
        self.assertEqual(len(judge(1, outcomes(SHOWN), RIGHT, {BAD: "timeout"})), 1)

    def test_another_exit_status_is_a_fault(self):
        self.assertEqual(len(judge(0, outcomes(SHOWN), RIGHT, ERRORS)), 1)


if __name__ == "__main__":
    unittest.main()
