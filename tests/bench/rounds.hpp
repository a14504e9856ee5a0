// SPDX-License-Identifier: Apache-2.0
// Measures calls against each other: all of them in each round, so that whatever slows the machine slows them alike.
// CPU time of the calling thread, not time on the wall.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace factord::bench {

struct Spread {
  double median = 0, least = 0, most = 0;
};

class Rounds {
 public:
  // `call` says whether it did what it should. Order counts for nothing.
  void add(std::string name, std::function<bool()> call);
  // Throws std::runtime_error with the name of a call that said no.
  void run(int rounds);

  Spread microseconds(const std::string& name) const;
  // Of one to the other, taken within each round.
  Spread ratio(const std::string& name, const std::string& beside) const;

 private:
  struct Subject {
    std::string name;
    std::function<bool()> call;
    int repetitions = 1;
    std::vector<double> seconds;  // of one call, in each round
  };

  const Subject& subject(const std::string& name) const;

  std::vector<Subject> subjects_;
};

}  // namespace factord::bench
