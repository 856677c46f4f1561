#include "curlew/http/api_keys.hpp"

#include <gtest/gtest.h>

namespace curlew {
namespace {

std::optional<HttpProblem> refusal(const ApiKeys& keys, std::vector<std::string_view> authorization) {
  return keys.refusal(authorization);
}

const std::vector<std::string> kTwoKeys{"first", "second"};

TEST(ApiKeys, LetEverybodyInWhereThereAreNone) {
  const ApiKeys none(std::vector<std::string>{});
  EXPECT_FALSE(none.guard());
  EXPECT_FALSE(refusal(none, {}));
}

TEST(ApiKeys, LetInWhoHasOneOfThem) {
  const ApiKeys keys(kTwoKeys);
  EXPECT_FALSE(refusal(keys, {"Bearer first"}));
  EXPECT_FALSE(refusal(keys, {"bearer  second "}));
}

TEST(ApiKeys, RefuseWhoHasNone) {
  const ApiKeys keys(kTwoKeys);
  for (const std::string_view wrong : {"", "first", "Bearer", "Bearer ", "Bearer firs", "Bearer firstt", "Bearer FIRST",
                                       "Basic first", "Bearer first, Bearer second"}) {
    const auto problem = refusal(keys, {wrong});
    ASSERT_TRUE(problem) << wrong;
    EXPECT_EQ(problem->status(), 401);
    EXPECT_TRUE(problem->headers.find("WWW-Authenticate")) << wrong;
  }
  EXPECT_TRUE(refusal(keys, {}));
  EXPECT_TRUE(refusal(keys, {"Bearer first", "Bearer first"}));
}

TEST(ApiKeys, SayThatAKeyWasWrongAndNotThatItWasMissing) {
  const ApiKeys keys(kTwoKeys);
  EXPECT_EQ(refusal(keys, {"Bearer x"})->headers.get("WWW-Authenticate"),
            R"(Bearer realm="curlew", error="invalid_token")");
  EXPECT_EQ(refusal(keys, {})->headers.get("WWW-Authenticate"), R"(Bearer realm="curlew")");
}

}  // namespace
}  // namespace curlew
