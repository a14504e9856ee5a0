// SPDX-License-Identifier: Apache-2.0
#include "core/error.hpp"

#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

#include "core/failure.hpp"
#include "tests/support/catch.hpp"

using namespace factord::core;

namespace {

// The table as it stands in the source: a constant that nobody uses yet is part of it too.
std::string failure_header() {
  std::ifstream file(FACTORD_FAILURE_HEADER);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("the sixteen codes have the names of google.rpc in CamelCase") {
  const char* const names[] = {"Cancelled",          "Unknown",       "InvalidArgument",  "DeadlineExceeded",
                               "NotFound",           "AlreadyExists", "PermissionDenied", "ResourceExhausted",
                               "FailedPrecondition", "Aborted",       "OutOfRange",       "Unimplemented",
                               "Internal",           "Unavailable",   "DataLoss",         "Unauthenticated"};
  for (int number = 1; number <= 16; ++number) CHECK(name(static_cast<Code>(number)) == names[number - 1]);
}

TEST_CASE("the message of an error is its text and its id") {
  const Error error(failure::webauthn_not_found);
  CHECK(std::string(error.what()) == "WebAuthN Token could not be found (COMMAND-DAfb2)");
  CHECK(error.code() == Code::not_found);
  CHECK(error.id() == "COMMAND-DAfb2");
  CHECK(error.text() == "WebAuthN Token could not be found");
  CHECK(error.cause().empty());
}

TEST_CASE("the cause of an error is not on the wire") {
  const Error error(failure::internal, "sqlite said 11");
  CHECK(error.cause() == "sqlite said 11");
  CHECK(std::string(error.what()).find("sqlite") == std::string::npos);
}

TEST_CASE("an error with a text of its own keeps code and id") {
  const Error error = Error::because(failure::bad_argument, "digits must be 6 to 8", "was 5");
  CHECK(error.code() == Code::invalid_argument);
  CHECK(std::string(error.what()) == "digits must be 6 to 8 (FACTORD-Arg1)");
  CHECK(error.cause() == "was 5");
}

TEST_CASE("an error is caught as std::exception and survives a copy") {
  try {
    throw Error(failure::quota);
  } catch (const std::exception& caught) {
    CHECK(std::string(caught.what()) == "Limit reached (FACTORD-Quo1)");
  }
  Error copy = Error(failure::quota);
  const Error kept = copy;
  copy = Error(failure::internal);
  CHECK(std::string(kept.what()) == "Limit reached (FACTORD-Quo1)");
}

TEST_CASE("every failure has an id of its own, in the form that callers parse") {
  const std::string header = failure_header();
  const std::regex row("Failure\\s+\\w+\\s*\\{\\s*Code::\\w+,\\s*\"([^\"]*)\",\\s*\"([^\"]*)\"");
  const std::regex form("[A-Z0-9]+-[A-Za-z0-9]+");
  std::set<std::string> ids;
  std::size_t rows = 0;
  for (std::sregex_iterator at(header.begin(), header.end(), row), end; at != end; ++at, ++rows) {
    INFO(at->str());
    CHECK(ids.insert(at->str(1)).second);
    CHECK(std::regex_match(at->str(1), form));
    CHECK_FALSE(at->str(2).empty());
    CHECK(at->str(2).find_first_of("\n\t") == std::string::npos);
  }
  const std::regex constant("constexpr Failure");
  CHECK(rows ==
        static_cast<std::size_t>(std::distance(std::sregex_iterator(header.begin(), header.end(), constant), {})));
  CHECK(rows > 0);
}
