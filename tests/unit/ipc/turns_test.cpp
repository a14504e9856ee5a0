// SPDX-License-Identifier: Apache-2.0
#include "ipc/turns.hpp"

#include <vector>

#include "tests/support/catch.hpp"

using namespace factord::ipc;

namespace {

std::vector<Turns::Number> all_next(Turns& turns) {
  std::vector<Turns::Number> numbers;
  while (const auto number = turns.next()) numbers.push_back(*number);
  return numbers;
}

using Numbers = std::vector<Turns::Number>;

}  // namespace

TEST_CASE("nobody waits: nobody's turn") {
  Turns turns(2, 2);
  CHECK_FALSE(turns.next());
}

TEST_CASE("one user is served in order") {
  Turns turns(9, 9);
  for (Turns::Number number : {1u, 2u, 3u}) turns.wait(1000, number);
  CHECK(all_next(turns) == Numbers{1, 2, 3});
}

TEST_CASE("users are served in turn, however many one of them has waiting") {
  Turns turns(9, 9);
  for (Turns::Number number : {1u, 2u, 3u}) turns.wait(1000, number);
  turns.wait(1001, 4);
  turns.wait(1002, 5);
  CHECK(all_next(turns) == Numbers{1, 4, 5, 2, 3});
}

TEST_CASE("there are only so many places") {
  Turns turns(2, 9);
  for (Turns::Number number : {1u, 2u, 3u}) turns.wait(1000 + static_cast<uid_t>(number), number);
  CHECK(all_next(turns) == Numbers{1, 2});
  turns.give_back(1001);
  CHECK(all_next(turns) == Numbers{3});
}

TEST_CASE("one user has only so many of them, and others are not kept waiting by that") {
  Turns turns(9, 2);
  for (Turns::Number number : {1u, 2u, 3u}) turns.wait(1000, number);
  turns.wait(1001, 4);
  CHECK(all_next(turns) == Numbers{1, 4, 2});
  turns.give_back(1001);
  CHECK(all_next(turns).empty());
  turns.give_back(1000);
  CHECK(all_next(turns) == Numbers{3});
}

TEST_CASE("who has left the line gets no turn") {
  Turns turns(9, 9);
  for (Turns::Number number : {1u, 2u, 3u}) turns.wait(1000, number);
  turns.leave(1000, 2);
  turns.leave(1000, 9);
  turns.leave(1001, 1);
  CHECK(all_next(turns) == Numbers{1, 3});
}

TEST_CASE("a place given back that nobody had makes no further place") {
  Turns turns(1, 1);
  turns.give_back(1000);
  turns.wait(1000, 1);
  turns.give_back(1000);
  turns.wait(1001, 2);
  CHECK(all_next(turns).size() == 1);
}
