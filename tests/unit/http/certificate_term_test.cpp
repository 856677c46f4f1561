#include "curlew/http/certificate_term.hpp"

#include <gtest/gtest.h>

namespace curlew {
namespace {

using std::chrono::days;
using std::chrono::seconds;
using std::chrono::sys_days;
using namespace std::chrono_literals;

constexpr std::chrono::sys_seconds kBegin = sys_days(2026y / 3 / 1);
constexpr CertificateTerm kTerm{.begin = kBegin, .end = kBegin + days(90)};

TEST(CertificateTerm, IsSilentWhileThereIsTime) {
  EXPECT_FALSE(term_warning(kTerm, kTerm.begin));
  EXPECT_FALSE(term_warning(kTerm, kTerm.end - kExpiryNotice));
}

TEST(CertificateTerm, WarnsFourteenDaysBeforeTheEnd) {
  EXPECT_EQ(term_warning(kTerm, kTerm.end - days(14) + seconds(1)),
            "expires at 2026-05-30 00:00 UTC: put a new one in its place");
  EXPECT_TRUE(term_warning(kTerm, kTerm.end));
}

TEST(CertificateTerm, SaysThatItIsOverOrHasNotBegun) {
  EXPECT_EQ(term_warning(kTerm, kTerm.end + seconds(1)),
            "has expired at 2026-05-30 00:00 UTC, and clients refuse it: put a new one in its place");
  EXPECT_EQ(term_warning(kTerm, kTerm.begin - seconds(1)),
            "is valid only from 2026-03-01 00:00 UTC on, and clients refuse it");
}

TEST(CertificateTerm, ShowsMinutes) {
  EXPECT_EQ(term_text(sys_days(2049y / 12 / 31) + 23h + 59min + 59s), "2049-12-31 23:59 UTC");
}

}  // namespace
}  // namespace curlew
