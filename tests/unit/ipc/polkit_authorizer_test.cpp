// SPDX-License-Identifier: Apache-2.0
// What becomes of questions that polkit does not answer in time, with deadlines that a test can wait for.
#include "ipc/polkit_authorizer.hpp"

#include <optional>

#include "tests/support/catch.hpp"
#include "tests/unit/daemon/loop.hpp"
#include "tests/unit/ipc/scripted_authority.hpp"

using namespace factord;
using namespace factord::ipc;

namespace {

constexpr std::uint64_t soon = 30'000;  // microseconds
constexpr std::uint64_t never = 3600u * 1'000'000u;
constexpr std::size_t places_of_one_user = 8;

struct Bench {
  explicit Bench(const Patience& patience) : authorizer(*bus, loop.get(), patience) { bus->attach(loop.get()); }

  // Where its answer will be; nothing until then.
  using Answer = std::shared_ptr<std::optional<bool>>;
  Answer ask(Interaction interaction, const std::string& connection = ":1.0") {
    auto answer = std::make_shared<std::optional<bool>>();
    const Question question{.caller = {1000, {}},
                            .permission = Permission::user_read,
                            .self = Self::never,
                            .about_self = false,
                            .organization = "local",
                            .default_organization = true,
                            .unique_name = connection,
                            .interaction = interaction};
    authorizer.decide(question, [answer](bool yes) {
      REQUIRE_FALSE(*answer);  // once
      *answer = yes;
    });
    return answer;
  }
  std::vector<Answer> ask_often(std::size_t count, Interaction interaction) {
    std::vector<Answer> answers;
    while (answers.size() < count) answers.push_back(ask(interaction));
    loop.until([&] { return authority.questions.size() == count; });
    return answers;
  }
  bool wait_for(const Answer& answer) {
    loop.until([&] { return answer->has_value(); });
    return **answer;
  }

  tests::Loop loop;
  tests::ScriptedAuthority authority{loop.get()};
  std::unique_ptr<Bus> bus = Bus::connect("session");
  PolkitAuthorizer authorizer;
};

}  // namespace

TEST_CASE("a dialog that nobody ends is closed at its deadline and is a no, and an answer after that is not heard") {
  Bench bench({.usual = never, .with_people = soon});
  const auto asked = bench.ask(Interaction::allowed);
  CHECK_FALSE(bench.wait_for(asked));
  bench.loop.until([&] { return !bench.authority.cancelled.empty(); });
  CHECK(bench.authority.cancelled == bench.authority.questions);
  bench.authority.answer(bench.authority.questions.at(0), true);
  const auto next = bench.ask(Interaction::forbidden);
  bench.loop.until([&] { return bench.authority.questions.size() == 2; });
  bench.authority.answer(bench.authority.questions.at(1), true);
  CHECK(bench.wait_for(next));
  CHECK(asked->value() == false);
}

TEST_CASE("dialogs past their deadline keep their places until polkit has let go of them, and no longer") {
  Bench bench({.usual = never, .with_people = soon});
  const auto dialogs = bench.ask_often(places_of_one_user, Interaction::allowed);
  const auto waits = bench.ask(Interaction::forbidden);
  for (const auto& dialog : dialogs) CHECK_FALSE(bench.wait_for(dialog));
  bench.loop.until([&] { return bench.authority.cancelled.size() == places_of_one_user; });
  CHECK(bench.authority.questions.size() == places_of_one_user);
  bench.authority.answer(bench.authority.questions.at(0), true);
  bench.loop.until([&] { return bench.authority.questions.size() == places_of_one_user + 1; });
  bench.authority.answer(bench.authority.questions.back(), true);
  CHECK(bench.wait_for(waits));
}

TEST_CASE("a question without a dialog has a deadline of its own") {
  Bench bench({.usual = soon, .with_people = never});
  const auto dialog = bench.ask(Interaction::allowed);
  CHECK_FALSE(bench.wait_for(bench.ask(Interaction::forbidden)));
  CHECK_FALSE(dialog->has_value());
  bench.authority.answer(bench.authority.questions.at(0), true);
  CHECK(bench.wait_for(dialog));
}

TEST_CASE("a dialog ends before its caller stops waiting, which is after 180 s, and after people had time") {
  const Patience usual;
  CHECK(usual.with_people < 180'000'000);
  CHECK(usual.with_people >= 120'000'000);
}

TEST_CASE("a question that nobody need answer outlasts a rule that polkitd gives up, and ends before its caller") {
  const Patience usual;
  CHECK(usual.usual > 15'000'000);
  CHECK(usual.usual < 25'000'000);
}

TEST_CASE("a caller that leaves while its question waits in line is not asked about, and takes nobody's place") {
  Bench bench({.usual = never, .with_people = never});
  const auto dialogs = bench.ask_often(places_of_one_user, Interaction::allowed);
  const auto gone = bench.ask(Interaction::allowed, ":1.999");
  const auto waits = bench.ask(Interaction::forbidden, ":1.1000");
  bench.authorizer.left(":1.999");
  CHECK(gone->value() == false);  // at once
  CHECK_FALSE(waits->has_value());
  bench.authority.answer(bench.authority.questions.at(0), false);
  bench.loop.until([&] { return bench.authority.questions.size() == places_of_one_user + 1; });
  bench.authority.answer(bench.authority.questions.back(), true);
  CHECK(bench.wait_for(waits));
  CHECK(bench.authority.cancelled.empty());
  CHECK(bench.authority.questions.size() == places_of_one_user + 1);
}
