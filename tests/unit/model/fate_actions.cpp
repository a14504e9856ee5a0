// SPDX-License-Identifier: Apache-2.0
// What happens to the machine: time passes or is set back, batches end well or badly, the daemon ends and begins again.
#include "tests/unit/model/actions.hpp"

namespace factord::tests::model {
namespace {

using namespace std::chrono_literals;
using std::chrono::microseconds;
using std::chrono::seconds;

Action passes(std::uint64_t weight, seconds least, seconds most) {
  return {weight, [least, most](Episode& episode) {
            const microseconds part(episode.dice().percent(30) ? episode.dice().below(1'000'000) : 0);
            episode.pass(seconds(episode.dice().between(least.count(), most.count())) + part);
          }};
}

void set_right(Episode& episode) {
  if (episode.world().now < episode.latest()) episode.pass(episode.latest() - episode.world().now);
}

}  // namespace

std::vector<Action> fate_actions() {
  return {
      passes(30, 0s, 40s),
      passes(6, 1min, 20min),
      passes(2, 1h, 3h),
      passes(1, 24h, 40 * 24h),
      passes(2, -59s, -1s),
      passes(1, -48h, -58s),
      {4, set_right},
      {40, [](Episode& episode) { episode.commit(); }},
      {6, [](Episode& episode) { episode.lose_batch(); }},
      {1, [](Episode& episode) { episode.come_back_after_loss(); }},
      {1, [](Episode& episode) { episode.restart(Machine::End::killed); }},
      {1, [](Episode& episode) { episode.restart(Machine::End::clean); }},
      {3, [](Episode& episode) { episode.fold(); }},
      {8, [](Episode& episode) { episode.compare(); }},
      {15, [](Episode& episode) { episode.land(); }},
  };
}

}  // namespace factord::tests::model
