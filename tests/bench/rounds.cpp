// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/rounds.hpp"

#include <time.h>

#include <algorithm>
#include <stdexcept>

namespace factord::bench {
namespace {

constexpr double share = 0.02;  // seconds of CPU for each call in each round

double thread_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return double(time.tv_sec) + double(time.tv_nsec) / 1e9;
}

// Seconds of all repetitions together.
double timed(const std::string& name, const std::function<bool()>& call, int repetitions) {
  const double start = thread_seconds();
  bool good = true;
  for (int i = 0; i < repetitions; ++i) good = call() && good;
  const double took = thread_seconds() - start;
  if (!good) throw std::runtime_error(name + ": went wrong");
  return took;
}

Spread spread_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return {values[values.size() / 2], values.front(), values.back()};
}

}  // namespace

void Rounds::add(std::string name, std::function<bool()> call) {
  Subject subject{std::move(name), std::move(call), 1, {}};
  // Also a warm-up
  while (timed(subject.name, subject.call, subject.repetitions) < share && subject.repetitions < 1'000'000)
    subject.repetitions *= 2;
  subjects_.push_back(std::move(subject));
}

void Rounds::run(int rounds) {
  for (int round = 0; round < rounds; ++round)
    for (Subject& one : subjects_) one.seconds.push_back(timed(one.name, one.call, one.repetitions) / one.repetitions);
}

const Rounds::Subject& Rounds::subject(const std::string& name) const {
  for (const Subject& one : subjects_)
    if (one.name == name) return one;
  throw std::logic_error("nothing measured is named " + name);
}

Spread Rounds::microseconds(const std::string& name) const {
  std::vector<double> values;
  for (const double seconds : subject(name).seconds) values.push_back(seconds * 1e6);
  return spread_of(values);
}

Spread Rounds::ratio(const std::string& name, const std::string& beside) const {
  std::vector<double> values;
  const Subject &one = subject(name), &other = subject(beside);
  for (std::size_t i = 0; i < one.seconds.size(); ++i) values.push_back(one.seconds[i] / other.seconds[i]);
  return spread_of(values);
}

}  // namespace factord::bench
