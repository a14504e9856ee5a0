// SPDX-License-Identifier: Apache-2.0
#include "tools/factorctl/table.hpp"

#include <clocale>
#include <cstdlib>
#include <ctime>

#include "tests/support/catch.hpp"
#include "tools/factorctl/factor_list.hpp"

using namespace factord;
using namespace factord::factorctl;

namespace {

struct Place {
  Place() {
    std::setlocale(LC_CTYPE, "C.UTF-8");
    setenv("TZ", "Europe/Berlin", 1);
    tzset();
  }
};

constexpr std::uint64_t spring = 1'742'920'379'073'000;  // 2025-03-25T16:32:59.073Z, 17:32 in Berlin

ipc::Dict factor(const std::string& name, std::uint64_t last_used) {
  return {{"id", std::string(26, 'a')}, {"kind", "passkey"},    {"state", "ready"}, {"name", name},
          {"creationDate", spring},     {"lastUsed", last_used}};
}

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1)
    lines.push_back(text.substr(at, text.find('\n', at) - at));
  return lines;
}

}  // namespace

TEST_CASE("control and bidirectional characters never reach a terminal") {
  CHECK(shown("a\033[31mb") == "a\uFFFD[31mb");
  CHECK(shown("one\ntwo\x7f") == "one\uFFFDtwo\uFFFD");
  CHECK(shown("\u009b31m\u202eevil\u2066") == "\uFFFD31m\uFFFDevil\uFFFD");
  CHECK(shown("\xff\xc3(") == "\uFFFD\uFFFD(");
  CHECK(shown("größer 日本語 🔑") == "größer 日本語 🔑");
}

TEST_CASE("a wide character takes two columns, a combining mark none") {
  const Place place;
  CHECK(columns("plain") == 5);
  CHECK(columns("日本") == 4);
  CHECK(columns("e\u0301") == 1);
}

TEST_CASE("what is cut fits exactly and says that it was cut") {
  const Place place;
  CHECK(shortened("abcdef", 6) == "abcdef");
  CHECK(shortened("abcdefg", 6) == "abcde…");
  CHECK(shortened("日本語日本語", 6) == "日本…");
}

TEST_CASE("dates are local, and 0 is never") {
  const Place place;
  CHECK(date(spring, Precision::minute) == "2025-03-25 17:32");
  CHECK(date(spring, Precision::day) == "2025-03-25");
  CHECK(date(0, Precision::day, "never used") == "never used");
}

TEST_CASE("columns stand under each other, the last without trailing blanks") {
  const Place place;
  Table table({"NAME", "ID"});
  table.add({"日本語", "1"});
  table.add({"a", "2"});
  CHECK(table.text() == "NAME    ID\n日本語  1\na       2\n");
}

TEST_CASE("a list with room shows minutes, one without shows days") {
  const Place place;
  CHECK(factor_table({factor("phone", 0)}, 100, Names::whole).find("2025-03-25 17:32") != std::string::npos);
  const auto narrow = lines(factor_table({factor("phone", spring)}, 80, Names::whole));
  REQUIRE(narrow.size() == 2);
  CHECK(narrow[1] == "phone  passkey  ready  2025-03-25  2025-03-25  " + std::string(26, 'a'));
}

TEST_CASE("the model of an authenticator is shown where one is known: on a terminal if there is room") {
  const Place place;
  ipc::Dicts factors{factor("phone", 0), factor("key", 0)};
  factors[1]["authenticatorName"] = "A token of steel\x1b";
  const auto wide = lines(factor_table(factors, 140, Names::whole));
  CHECK(wide[0].find("LAST USED   AUTHENTICATOR      ID") != std::string::npos);
  CHECK(wide[1].find("never used  -                  aaaa") != std::string::npos);
  CHECK(wide[2].find("never used  A token of steel\uFFFD  aaaa") != std::string::npos);
  CHECK(wide[1].find("17:32") != std::string::npos);
  CHECK(lines(factor_table(factors, 95, Names::whole))[1].find("17:32") == std::string::npos);
  CHECK(factor_table(factors, 80, Names::whole).find("AUTHENTICATOR") != std::string::npos);
  CHECK(factor_table(factors, 95, Names::cut).find("AUTHENTICATOR") != std::string::npos);
  CHECK(factor_table(factors, 80, Names::cut).find("AUTHENTICATOR") == std::string::npos);
  factors[1]["authenticatorName"] = "";
  CHECK(factor_table(factors, 140, Names::whole).find("AUTHENTICATOR") == std::string::npos);
}

TEST_CASE("a long name of a model is cut, even for a reader") {
  const Place place;
  ipc::Dict item = factor("phone", 0);
  item["authenticatorName"] = std::string(200, 'x');
  CHECK(factor_table({item}, 140, Names::whole).find(" " + std::string(29, 'x') + "…  aaa") != std::string::npos);
}

TEST_CASE("a factor that was never used says so") {
  CHECK(factor_table({factor("phone", 0)}, 80, Names::whole).find("never used") != std::string::npos);
}

TEST_CASE("a factor without a name has a dash in its place") {
  CHECK(factor_table({factor("", 0)}, 80, Names::whole).find("\n-     passkey") != std::string::npos);
}

TEST_CASE("on a terminal long names are cut so that a line fits, for a reader they are whole") {
  const Place place;
  const std::string name = "a passkey with quite a long name";
  for (const auto& line : lines(factor_table({factor(name, 0)}, 80, Names::cut))) CHECK(columns(line) <= 80);
  CHECK(factor_table({factor(name, 0)}, 80, Names::whole).find(name) != std::string::npos);
}
