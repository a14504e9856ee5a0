// SPDX-License-Identifier: Apache-2.0
// What is read is what this daemon would keep, and is written so that it is read as the same.
#include "daemon/otp/otpauth.hpp"

#include "core/text.hpp"
#include "tests/fuzz/oracle.hpp"

namespace factord::fuzz {
namespace {

using namespace otp;

bool name_kept(const std::string& name) {
  return core::valid_utf8(name) && core::printable(name) && core::code_points(name) <= 200;
}

bool same(const Enrolment& a, const Enrolment& b) {
  return a.issuer == b.issuer && a.account == b.account && fuzz::same(a.seed.view(), b.seed.view()) &&
         a.parameters.algorithm == b.parameters.algorithm && a.parameters.digits == b.parameters.digits &&
         a.parameters.period == b.parameters.period;
}

void check(const Uri& uri) {
  const Enrolment& read = uri.enrolment;
  promise(name_kept(read.issuer) && name_kept(read.account) && !read.account.empty(), "names are fit to be shown");
  promise(supported(read.parameters) && !read.seed.empty(), "it is what the daemon keeps");
  promise(code_at(read.seed.view(), uri.counter, read.parameters).size() == read.parameters.digits, "it makes codes");
  // No writer could say which colon parts the two
  if ((read.issuer + read.account).find(':') != std::string::npos) return;
  const core::Secret written = to_uri(read);
  const auto again = from_uri(written.text());
  promise(again && same(*again, read), "what is written is read as the same");
}

}  // namespace
}  // namespace factord::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace factord;
  // Empty secrets have no memory, and the engine's first input is empty
  const core::Secret text = core::Secret::copy_of({data, size});
  const auto uri = otp::parse_uri(text.text());
  fuzz::promise(otp::from_uri(text.text()).has_value() == (uri && uri->type == otp::Type::totp), "HOTP is not kept");
  if (uri) fuzz::check(*uri);
  return 0;
}
