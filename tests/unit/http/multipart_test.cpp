#include "curlew/http/multipart.hpp"

#include <gtest/gtest.h>

namespace curlew {
namespace {

const MediaType kForm = *parse_media_type("multipart/form-data; boundary=b");

std::string part(const std::string& head, const std::string& content) {
  return "--b\r\n" + head + "\r\n\r\n" + content + "\r\n";
}

const std::string kFile = R"(Content-Disposition: form-data; name="picture"; filename="bird.jpg")";

int status_of(const std::string& body, const MediaType& type = kForm) {
  const auto parts = parse_multipart(body, type);
  return parts ? 200 : parts.error().status();
}

TEST(Multipart, GivesEachPartAsItWasSent) {
  const std::string content("\r\n\0--c\r\n--", 10);
  const std::string body = part(kFile + "\r\nContent-Type: image/jpeg", content) +
                           part(R"(content-disposition: form-data; name="top")", "3") + "--b--\r\n";
  const auto parts = parse_multipart(body, kForm);
  ASSERT_TRUE(parts) << parts.error().detail;
  ASSERT_EQ(parts->size(), 2U);
  EXPECT_EQ(parts->at(0).name, "picture");
  EXPECT_EQ(parts->at(0).file_name, "bird.jpg");
  EXPECT_EQ(parts->at(0).content_type.text(), "image/jpeg");
  EXPECT_EQ(parts->at(0).content, content);
  EXPECT_EQ(parts->at(1).content, "3");
  EXPECT_FALSE(parts->at(1).has_file_name);
}

TEST(Multipart, TakesWhatStandsAroundTheParts) {
  EXPECT_EQ(parse_multipart("before\r\n" + part(kFile, "x") + "--b--\r\nafter", kForm)->size(), 1U);
  EXPECT_EQ(parse_multipart("--b \t\r\n" + kFile + "\r\n\r\nx\r\n--b--", kForm)->at(0).content, "x");
  EXPECT_TRUE(parse_multipart("--b--", kForm)->empty());
}

TEST(Multipart, TakesAnEmptyPart) {
  EXPECT_EQ(parse_multipart(part(kFile, "") + "--b--", kForm)->at(0).content, "");
  EXPECT_EQ(parse_multipart("--b\r\n" + kFile + "\r\n\r\n--b--", kForm)->at(0).content, "");
}

TEST(Multipart, ReadsNamesAsBrowsersAndScriptsWriteThem) {
  const auto name_of = [](const std::string& parameters) {
    const auto parts = parse_multipart(part("Content-Disposition: form-data; " + parameters, "x") + "--b--", kForm);
    return parts ? parts->at(0).name + "|" + parts->at(0).file_name : parts.error().detail;
  };
  EXPECT_EQ(name_of(R"(name="a;b"; filename="C:\dir\x.jpg")"), R"(a;b|C:\dir\x.jpg)");
  EXPECT_EQ(name_of(R"(name="a\"b"; filename=plain)"), R"(a"b|plain)");
  EXPECT_EQ(name_of("filename=\"gr\xc3\xbcn.jpg\" ; NAME = f"), "f|gr\xc3\xbcn.jpg");
}

TEST(Multipart, RefusesABodyThatIsNone) {
  EXPECT_EQ(status_of(""), 400);
  EXPECT_EQ(status_of("x"), 400);
  EXPECT_EQ(status_of(part(kFile, "x")), 400) << "it does not end";
  EXPECT_EQ(status_of(part(kFile, "x") + "--bb--"), 400);
  EXPECT_EQ(status_of("--bx\r\n" + kFile + "\r\n\r\nx\r\n--b--"), 400);
  EXPECT_EQ(status_of(part(kFile, "x") + "--b--", *parse_media_type("multipart/form-data")), 400);
  EXPECT_EQ(status_of(part(kFile, "x") + "--b--", *parse_media_type("multipart/mixed; boundary=b")), 400);
  EXPECT_EQ(status_of("--\r\n", *parse_media_type("multipart/form-data; boundary=\"\"")), 400);
}

TEST(Multipart, RefusesPartsThatAreBroken) {
  for (const char* head :
       {"Content-Type: image/png", "", "X", "Content-Disposition: attachment; name=x", "Content-Disposition: form-data",
        "Content-Disposition: form-data; filename=x", "Content-Disposition: form-data; name=x; name=y",
        "Content-Disposition: form-data; name=\"x", "Content-Disposition: form-data; name=a\tb",
        "Content-Disposition: form-data; name=x\r\nContent-Disposition: form-data; name=x",
        "Content-Disposition: form-data; name=x\r\nContent-Transfer-Encoding: base64",
        "Content-Disposition: form-data; name=x\r\nContent-Type: none", "Content-Disposition : form-data; name=x"}) {
    EXPECT_EQ(status_of(part(head, "x") + "--b--"), 400) << head;
  }
}

TEST(Multipart, KeepsToItsLimits) {
  const MultipartLimits limits{.parts = 2, .part_head_bytes = 100, .name_bytes = 10};
  const std::string field = "Content-Disposition: form-data; name=";
  const auto status = [&](const std::string& body) {
    const auto parts = parse_multipart(body, kForm, limits);
    return parts ? 200 : parts.error().status();
  };
  const std::string one = part(field + "x", "x");
  EXPECT_EQ(status(one + one + "--b--"), 200);
  EXPECT_EQ(status(one + one + one + "--b--"), 413);
  EXPECT_EQ(status(part(field + std::string(10, 'n'), "x") + "--b--"), 200);
  EXPECT_EQ(status(part(field + std::string(11, 'n'), "x") + "--b--"), 400);
  const std::string head = field + "x\r\nX: ";
  EXPECT_EQ(status(part(head + std::string(100 - head.size(), 'x'), "x") + "--b--"), 200);
  EXPECT_EQ(status(part(head + std::string(101 - head.size(), 'x'), "x") + "--b--"), 413);
}

}  // namespace
}  // namespace curlew
