// SPDX-License-Identifier: Apache-2.0
#include "daemon/policy.hpp"

#include "core/error.hpp"
#include "tests/support/catch.hpp"

using namespace factord;
using namespace factord::daemon;

namespace {

using Origins = std::vector<std::pair<std::string, bool>>;  // with: on any port

Origins origins(const Policy& policy, const std::string& asked = "") {
  Origins origins;
  for (const auto& origin : policy.relying_party(asked).origins) origins.emplace_back(origin.origin, origin.any_port);
  return origins;
}

}  // namespace

TEST_CASE("without configured origins a domain is reached by https on any port") {
  CHECK(origins({.domain = "example.org"}) == Origins{{"https://example.org", true}});
}

TEST_CASE("localhost is reached without TLS too") {
  CHECK(origins({.domain = "localhost"}) == Origins{{"https://localhost", true}, {"http://localhost", true}});
}

TEST_CASE("a domain that merely ends like localhost is not") {
  CHECK(origins({.domain = "app.localhost"}) == Origins{{"https://app.localhost", true}});
}

TEST_CASE("configured origins replace the derived ones, and are exact") {
  CHECK(origins({.domain = "localhost", .origins = {"https://a.example:8443", "https://b.example"}}) ==
        Origins{{"https://a.example:8443", false}, {"https://b.example", false}});
}

TEST_CASE("a caller that names no domain gets the default one") {
  const Policy policy{.domain = "example.org", .origins = {}, .allowed_domains = {"other.example"}};
  CHECK(policy.relying_party("").id == "example.org");
  CHECK(policy.relying_party("example.org").id == "example.org");
}

TEST_CASE("an allowed domain has origins of its own") {
  const Policy policy{.domain = "example.org", .origins = {}, .allowed_domains = {"other.example"}};
  CHECK(policy.relying_party("other.example").id == "other.example");
  CHECK(origins(policy, "other.example") == Origins{{"https://other.example", true}});
}

TEST_CASE("any other domain is refused: no parent, no child, no other case") {
  const Policy policy{.domain = "login.example.org", .origins = {}, .allowed_domains = {"other.example"}};
  for (const char* domain : {"example.org", "a.login.example.org", "LOGIN.example.org", "evil.example", "."}) {
    try {
      policy.relying_party(domain);
      FAIL(domain << " was taken");
    } catch (const core::Error& error) {
      CHECK(std::string(error.what()) == "Option domain is not allowed here (FACTORD-Arg1)");
    }
  }
}
