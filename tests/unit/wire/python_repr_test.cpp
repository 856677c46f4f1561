#include "curlew/wire/python_repr.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "curlew/base/utf8.hpp"

namespace curlew {
namespace {

using namespace std::string_literals;

TEST(PythonRepr, QuotesAsPythonDoes) {
  EXPECT_EQ(python_repr("boom"), "'boom'");
  EXPECT_EQ(python_repr("it's"), R"("it's")");
  EXPECT_EQ(python_repr(R"(a "b")"), R"('a "b"')");
  EXPECT_EQ(python_repr(R"(it's "b")"), R"('it\'s "b"')");
  EXPECT_EQ(python_repr("a\\b"), R"('a\\b')");
}

TEST(PythonRepr, EscapesWhatIsNotPrintable) {
  EXPECT_EQ(python_repr("a\n\r\t\x07\x1b\x7f\0b"s), R"('a\n\r\t\x07\x1b\x7f\x00b')");
  EXPECT_EQ(python_repr("\xc2\x85\xc2\xa0\xc2\xad"), R"('\x85\xa0\xad')");
  EXPECT_EQ(python_repr("\xe2\x80\xae\xef\xbb\xbf"), R"('\u202e\ufeff')");
  EXPECT_EQ(python_repr("\xf3\xa0\x80\x81"), R"('\U000e0001')");
}

TEST(PythonRepr, KeepsWhatIsPrintable) {
  EXPECT_EQ(python_repr("gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x90\xa6"),
            "'gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x90\xa6'");
}

TEST(PythonRepr, ShowsOnlyTheBeginningOfALongText) {
  std::string text(399, 'x');
  EXPECT_EQ(python_repr(text + 'y'), "'" + text + "y'");
  const std::string cut = python_repr(text + std::string(1'000'000, '\xc3'));
  EXPECT_LT(cut.size(), 420U);
  EXPECT_TRUE(is_utf8(python_repr(text + "\xc3\xa9\xc3\xa9\xc3\xa9")));
  EXPECT_THAT(python_repr(text + "\xc3\xa9\xc3\xa9\xc3\xa9"), testing::EndsWith("x\xe2\x80\xa6'"));
}

TEST(PythonRepr, NamesAnException) {
  EXPECT_EQ(python_exception("ValueError", "boom"), "ValueError('boom')");
  EXPECT_EQ(python_exception("TypeError", "not 'int'"), R"(TypeError("not 'int'"))");
}

}  // namespace
}  // namespace curlew
