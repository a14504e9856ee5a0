// SPDX-License-Identifier: Apache-2.0
#include "daemon/options.hpp"

#include <getopt.h>

#include <cstdlib>
#include <stdexcept>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/unit/daemon/environment.hpp"

using namespace factord::daemon;
using factord::tests::Environment;

namespace {

std::optional<Options> parse(std::vector<std::string> words) {
  words.insert(words.begin(), "factord");
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  optind = 0;  // getopt(3): makes glibc begin anew
  return parse_options(static_cast<int>(words.size()), argv.data());
}

}  // namespace

TEST_CASE("without options the daemon is on the system bus with its usual places") {
  const Environment none("STATE_DIRECTORY", nullptr);
  const auto options = parse({});
  REQUIRE(options);
  CHECK(options->bus == "system");
  CHECK(options->state_dir == "/var/lib/factord");
  CHECK(options->config == "/etc/factord/factord.conf");
  CHECK_FALSE(options->config_given);
  CHECK_FALSE(options->key_file);
}

TEST_CASE("the state directory is the one that systemd has made") {
  const Environment given("STATE_DIRECTORY", "/run/state");
  CHECK(parse({})->state_dir == "/run/state");
  CHECK(parse({"--state-dir", "/tmp/here"})->state_dir == "/tmp/here");
}

TEST_CASE("every option is taken, with a blank or with =") {
  for (const auto& words :
       {std::vector<std::string>{"--bus", "session", "--state-dir", "/s", "--config", "/c", "--key-file", "/k"},
        std::vector<std::string>{"--bus=session", "--state-dir=/s", "--config=/c", "--key-file=/k"}}) {
    const auto options = parse(words);
    REQUIRE(options);
    CHECK(options->bus == "session");
    CHECK(options->state_dir == "/s");
    CHECK(options->config == "/c");
    CHECK(options->config_given);
    CHECK(options->key_file == "/k");
  }
}

TEST_CASE("what is no option, or lacks its value, is refused") {
  for (const auto& words : {std::vector<std::string>{"--bsu", "session"}, std::vector<std::string>{"--bus"},
                            std::vector<std::string>{"-b"}, std::vector<std::string>{"--help=yes"}})
    CHECK_THROWS_AS(parse(words), std::invalid_argument);
}

TEST_CASE("words that are no options are refused, also after --") {
  CHECK_THROWS_AS(parse({"serve"}), std::invalid_argument);
  CHECK_THROWS_AS(parse({"--", "serve"}), std::invalid_argument);
}

TEST_CASE("help and version are answered, and there is nothing to do") {
  CHECK_FALSE(parse({"--help"}));
  CHECK_FALSE(parse({"--version"}));
}
