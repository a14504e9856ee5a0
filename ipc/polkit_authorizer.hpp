// SPDX-License-Identifier: Apache-2.0
// The authorizer that asks polkit, over the bus and without waiting. What is certain is not asked: uid 0 may, and
// reading one's own is nobody's business. Everything else is one question, about the caller's connection and never
// about a process, and every way it can end but polkit's own yes is a no: no polkit, an error, an answer that cannot be
// read, an answer that takes too long, a caller that leaves. Owned by main; loop thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "ipc/bus.hpp"
#include "ipc/explanation.hpp"
#include "ipc/turns.hpp"

struct sd_event;
struct sd_event_source;

namespace factord::ipc {

// How long a question may be open, its waiting in line included; in microseconds.
struct Patience {
  // More than the 15 s after which polkitd gives up a rule: until then it answers nobody.
  std::uint64_t usual = 20'000'000;
  // Somebody looks for glasses and types a password. Clients of such calls wait 180 s.
  std::uint64_t with_people = 150'000'000;
};

class PolkitAuthorizer final : public Authorizer {
 public:
  // Both outlive it.
  PolkitAuthorizer(Bus& bus, sd_event* loop, const Patience& patience = {});
  // What is open is taken back, prompts among it, and not answered: who asked is told by its own end. So it is when the
  // loop ends, while the bus still takes messages.
  ~PolkitAuthorizer() override;

  std::optional<bool> at_once(const Claim& claim) override;
  void decide(const Question& question, std::function<void(bool)> answer) override;
  void explain(const Question& question, std::function<void(const Explanation&)> answer) override;
  void left(const std::string& unique_name) override;

  // Whether one's own factors are a permission of their own ("self.write"), or nothing special.
  void use(bool self_service);
  // Other rules are in force now: what is open under those before is denied.
  void deny_open();
  // Calls `changed` whenever polkit says that its answers may be others now.
  void when_rules_change(std::function<void()> changed);

 private:
  using Number = Turns::Number;
  struct Open;
  enum class Said : std::uint8_t { nothing, no, challenge, yes };  // challenge: yes to who gives a password
  using Answer = std::function<void(Said)>;

  static Said read(sd_bus_message* reply);
  std::string action_for(const Question& question) const;
  void consult(const Question& question, Answer answer);
  void ask_next();
  bool ask(Number number);
  void answered(Number number, sd_bus_message* reply);
  void finish(Number number, Said said);
  void give_up(Number number);
  void take_back(Number number);
  template <typename Condition>
  void take_back_where(Condition&& condition);
  void cancel(Number number);
  void forget_open();
  void complain(const std::string& cause);

  Bus& bus_;
  sd_event* loop_;
  Patience patience_;
  bool self_service_ = true;
  Turns turns_;
  Number last_ = 0;
  std::map<Number, std::unique_ptr<Open>> open_;
  std::uint64_t quiet_until_ = 0;
  sd_event_source* end_ = nullptr;
  std::unique_ptr<Bus::Watch> rules_;
};

}  // namespace factord::ipc
