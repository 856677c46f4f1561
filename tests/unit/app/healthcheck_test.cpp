#include "curlew/app/healthcheck.hpp"

#include <gmock/gmock.h>

#include <string>

namespace curlew {
namespace {

using testing::HasSubstr;

Config listening(const std::string& at) {
  Config config;
  config.http.listen = at;
  return config;
}

ProbeRequest asked(const HealthcheckCommand& command, const Config& config = {}) {
  auto question = health_question(command, config);
  EXPECT_TRUE(question) << question.error();
  return question ? *question : ProbeRequest{};
}

std::string url_of(const Config& config) { return asked({}, config).url.text(); }

std::string refusal(const HealthcheckCommand& command, const Config& config = {}) {
  const auto question = health_question(command, config);
  EXPECT_FALSE(question);
  return question ? "" : question.error();
}

HealthcheckCommand given(const std::string& url) { return {.common = {}, .url = url}; }

TEST(Healthcheck, AsksWhereTheServiceListens) {
  EXPECT_EQ(url_of({}), "http://127.0.0.1:8000/readyz");
  EXPECT_EQ(url_of(listening("10.0.0.7:80")), "http://10.0.0.7:80/readyz");
  EXPECT_EQ(url_of(listening("localhost:9000")), "http://127.0.0.1:9000/readyz");
  EXPECT_EQ(url_of(listening("[2001:db8::7]:9000")), "http://[2001:db8::7]:9000/readyz");
}

TEST(Healthcheck, WhatListensEverywhereIsAskedAtLoopback) {
  EXPECT_EQ(url_of(listening("0.0.0.0:8000")), "http://127.0.0.1:8000/readyz");
  EXPECT_EQ(url_of(listening("*:8000")), "http://127.0.0.1:8000/readyz");
  EXPECT_EQ(url_of(listening("[::]:8000")), "http://[::1]:8000/readyz");
}

TEST(Healthcheck, WithACertificateItAsksOverHttpsAndDoesNotCheckIt) {
  Config config = listening("0.0.0.0:8443");
  config.http.tls_certificate = "cert.pem";
  const auto request = asked({}, config);
  EXPECT_EQ(request.url.text(), "https://127.0.0.1:8443/readyz");
  EXPECT_EQ(request.certificate, Certificate::kAny);
}

TEST(Healthcheck, AWorkerIsAskedWhereItAnswersProbesAlwaysPlain) {
  Config config = listening("0.0.0.0:8000");
  config.http.worker_listen = "0.0.0.0:8001";
  config.http.tls_certificate = "cert.pem";
  EXPECT_EQ(asked({.common = {}, .url = {}, .worker = true}, config).url.text(), "http://127.0.0.1:8001/readyz");
}

TEST(Healthcheck, AUrlGoesBeforeTheConfigAndKeepsItsPath) {
  EXPECT_EQ(asked(given("http://api.example:81")).url.text(), "http://api.example:81/readyz");
  EXPECT_EQ(asked(given("http://api.example/")).url.text(), "http://api.example:80/readyz");
  EXPECT_EQ(asked(given("http://api.example:80/livez?x=1")).url.text(), "http://api.example:80/livez?x=1");
}

TEST(Healthcheck, ChecksTheCertificateOfOtherMachines) {
  EXPECT_EQ(asked(given("https://api.example")).certificate, Certificate::kChecked);
  EXPECT_EQ(asked(given("https://10.0.0.7")).certificate, Certificate::kChecked);
  EXPECT_EQ(asked(given("https://localhost")).certificate, Certificate::kAny);
  EXPECT_EQ(asked(given("https://127.0.0.2:8443")).certificate, Certificate::kAny);
  EXPECT_EQ(asked(given("https://[::1]:8443")).certificate, Certificate::kAny);
}

TEST(Healthcheck, SaysWhatCannotBeAsked) {
  EXPECT_THAT(refusal(given("ftp://a.example")), HasSubstr("ftp://a.example: "));
  EXPECT_THAT(refusal({}, listening("")), HasSubstr("http.listen is empty"));
  EXPECT_THAT(refusal({}, listening("127.0.0.1:0")), HasSubstr("leaves the port open"));
  EXPECT_THAT(refusal({}, listening("nowhere")), HasSubstr("nowhere"));
  EXPECT_THAT(refusal({.common = {}, .url = {}, .worker = true}), HasSubstr("http.worker_listen is empty"));
}

TEST(Healthcheck, OnlyA200IsReady) {
  EXPECT_FALSE(trouble_of(ProbeAnswer{.status = 200, .body = "{}"}));
  EXPECT_EQ(trouble_of(ProbeAnswer{.status = 503, .body = "starting\n"}), "it answers 503: starting");
  EXPECT_EQ(trouble_of(ProbeAnswer{.status = 302, .body = ""}), "it answers 302");
}

TEST(Healthcheck, SaysWhyThereIsNoAnswer) {
  EXPECT_THAT(*trouble_of(failure(ErrorCode::kConnectFailed, "")), HasSubstr("accepts connections"));
  EXPECT_EQ(trouble_of(failure(ErrorCode::kTimeout, "")), "no answer within 4 s");
  EXPECT_THAT(*trouble_of(failure(ErrorCode::kTlsFailed, "")), HasSubstr("certificate"));
  EXPECT_THAT(*trouble_of(failure(ErrorCode::kDnsFailed, "")), HasSubstr("no address"));
  EXPECT_EQ(trouble_of(failure(ErrorCode::kInternal, "why")), "why");
}

}  // namespace
}  // namespace curlew
