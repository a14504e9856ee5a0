// SPDX-License-Identifier: Apache-2.0
// For whom a batch waits.
#include "tests/unit/daemon/batch_bench.hpp"

using namespace factord::tests;
using Bench = BatchBench;

TEST_CASE("on a slow disk a batch waits for as many as came of late, and then no longer") {
  Bench bench;
  bench.on_slow_disk();
  bench.add("a");
  bench.add("b");
  bench.batch->close();
  Told one, other;
  bench.add("c");
  bench.tell(one);
  bench.come_to_rest();
  CHECK_FALSE(one);
  bench.add("d");
  bench.tell(other);
  bench.come_to_rest();
  CHECK(one.news == "");
  CHECK(other.news == "");
}

TEST_CASE("now and then a slow disk's batch waits for more than came of late: two halves might never meet") {
  Bench bench;
  bench.on_slow_disk();
  int waited = 0;
  for (int batch = 0; batch < 16; ++batch) {
    bench.add("a" + std::to_string(batch));
    bench.add("b" + std::to_string(batch));
    bench.come_to_rest();
    waited += bench.batch->is_open();
    bench.batch->close();
  }
  CHECK(waited == 2);
}

TEST_CASE("who is alone on a slow disk waits for nobody") {
  Bench bench;
  bench.on_slow_disk();
  for (const auto* id : {"a", "b"}) {
    Told told;
    bench.add(id);
    bench.tell(told);
    bench.come_to_rest();
    CHECK(told.news == "");
  }
}

TEST_CASE("a batch waits for writes that are under way, and for nobody who is not") {
  Bench bench;
  bench.on_slow_disk();
  bool more = true;
  bench.batch->expect([&] { return more; });
  Told one, other;
  bench.add("a");
  bench.tell(one);
  bench.come_to_rest();
  CHECK_FALSE(one);
  more = false;
  bench.batch->close();
  bench.add("b");
  bench.tell(other);
  bench.come_to_rest();
  CHECK(other.news == "");
}
