"""Tests of tools/check_layers.py on projects of a file or two."""

import contextlib
import io
import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parents[3] / "tools"))
import check_layers  # noqa: E402


def faults(**files: str) -> str:
    """What the check prints for a project of these files; the key `src__curlew__base__a_cpp` is a path."""
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()) as printed:
        for key, text in files.items():
            path = pathlib.Path(folder, *key.split("__"))
            path = path.with_name(".".join(path.name.rsplit("_", 1)))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        status = check_layers.main(pathlib.Path(folder))
    assert status == (1 if printed.getvalue() else 0)
    return printed.getvalue()


class LayerCheck(unittest.TestCase):
    def test_a_room_may_include_what_is_below_it(self):
        self.assertEqual(faults(src__curlew__fetch__a_cpp='#include "curlew/core/url.hpp"\n#include <curl/curl.h>\n'
                                                          "#include <vector>\n#include <sys/socket.h>\n"), "")

    def test_a_step_may_not_know_its_sibling(self):
        self.assertIn("decode may not include", faults(src__curlew__decode__a_cpp='#include "curlew/fetch/fetcher.hpp"'))

    def test_a_lower_room_may_not_know_a_higher_one(self):
        self.assertIn("core may not include", faults(src__curlew__core__a_hpp='#include "curlew/config/config.hpp"'))

    def test_the_pipeline_knows_interfaces(self):
        self.assertEqual(faults(src__curlew__pipeline__a_cpp='#include "curlew/decode/decoder.hpp"'), "")

    def test_the_pipeline_knows_nothing_else_of_a_step(self):
        self.assertIn("no interface", faults(src__curlew__pipeline__a_cpp='#include "curlew/decode/jpeg_codec.hpp"'))

    def test_a_library_stays_in_its_room(self):
        self.assertIn("belongs to fetch", faults(src__curlew__app__a_cpp="#include <curl/curl.h>"))

    def test_an_unknown_library_is_asked_about(self):
        self.assertIn("is unknown", faults(src__curlew__app__a_cpp="#include <nosuch/library.hpp>"))

    def test_an_include_is_written_from_the_root(self):
        self.assertIn("from the root", faults(src__curlew__base__a_cpp='#include "error.hpp"'))

    def test_a_room_links_only_what_is_below_it(self):
        self.assertIn("fetch may not link curlew_decode",
                      faults(src__curlew__fetch__CMakeLists_txt="curlew_room(fetch\n SOURCES a.cpp USES curlew_core\n"
                                                                " curlew_decode)"))

    def test_main_knows_only_the_app(self):
        self.assertIn("main may not include", faults(apps__curlew__main_cpp='#include "curlew/infer/engine.hpp"'))

    def test_a_long_file_is_found(self):
        self.assertIn("501 lines", faults(tests__a_py="#\n" * 501))


if __name__ == "__main__":
    unittest.main()
