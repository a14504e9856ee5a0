// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/base32.hpp"
#include "core/failure.hpp"
#include "daemon/otp/otpauth.hpp"
#include "daemon/otp/otpauth_text.hpp"
#include "daemon/otp/percent.hpp"

namespace factord::otp {
namespace {

using core::Error;

void require_name(std::string_view field, std::string_view name) {
  if (!name_kept(name))
    throw Error::because(core::failure::bad_argument,
                         std::string(field) + " must have at most 200 printable characters");
  if (name.find(':') != std::string_view::npos)
    throw Error::because(core::failure::bad_argument, std::string(field) + " must not hold ':'");
}

void require_writable(const Enrolment& enrolment) {
  require_name("issuer", enrolment.issuer);
  require_name("account", enrolment.account);
  if (enrolment.account.empty()) throw Error::because(core::failure::bad_argument, "account must not be empty");
  if (enrolment.seed.empty() || !supported(enrolment.parameters))
    throw Error(core::failure::internal, "TOTP enrolment that cannot be written");
}

std::string_view algorithm_name(Algorithm algorithm) {
  return std::ranges::find(algorithm_names, algorithm, [](const auto& row) { return row.second; })->first;
}

std::string parameters_text(const Parameters& parameters) {
  return "&algorithm=" + std::string(algorithm_name(parameters.algorithm)) +
         "&digits=" + std::to_string(parameters.digits) + "&period=" + std::to_string(parameters.period);
}

// Everything around the seed, which no secret is part of.
struct Surroundings {
  std::string before;
  std::string after;
};

Surroundings surroundings_of(const Enrolment& enrolment) {
  const std::string issuer = percent_encoded(enrolment.issuer);
  Surroundings text{"otpauth://totp/", parameters_text(enrolment.parameters)};
  if (!issuer.empty()) {
    text.before += issuer + ":";
    text.after = "&issuer=" + issuer + text.after;
  }
  text.before += percent_encoded(enrolment.account) + "?secret=";
  return text;
}

}  // namespace

core::Secret to_uri(const Enrolment& enrolment) {
  require_writable(enrolment);
  const auto [before, after] = surroundings_of(enrolment);
  const std::size_t seed_size = core::base32_size(enrolment.seed.size());
  core::Secret uri(before.size() + seed_size + after.size());
  std::ranges::copy(before, uri.bytes().begin());
  core::write_upper_base32(enrolment.seed.view(), uri.bytes().subspan(before.size(), seed_size));
  std::ranges::copy(after, uri.bytes().begin() + static_cast<std::ptrdiff_t>(before.size() + seed_size));
  return uri;
}

}  // namespace factord::otp
