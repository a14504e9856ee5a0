// SPDX-License-Identifier: Apache-2.0
// The switch of mutant schemata: every mutant is compiled in, and the number in FACTORD_MUTANT turns one of them on.
// The mutation run forces this header into every source of its scratch copy; nothing else includes it. With
// FACTORD_MUTANT_TRACE=FILE the numbers of the places that were reached are appended to FILE when the program ends.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <type_traits>

namespace factord_mutant {

inline constexpr int most = 1 << 16;

inline int number() {
  static const int chosen = [] {
    const char* text = std::getenv("FACTORD_MUTANT");
    return text == nullptr ? 0 : std::atoi(text);
  }();
  return chosen;
}

class Trace {
 public:
  void reached(int place) {
    if (file_ != nullptr) places_[place] = true;
  }
  ~Trace() {
    std::FILE* out = file_ == nullptr ? nullptr : std::fopen(file_, "a");
    if (out == nullptr) return;
    for (int place = 0; place < most; ++place)
      if (places_[place]) std::fprintf(out, "%d\n", place);
    std::fclose(out);
  }

 private:
  const char* file_ = std::getenv("FACTORD_MUTANT_TRACE");
  bool places_[most]{};
};

// Never destroyed before the last static object that may still pass here: it is made by the first one.
inline Trace& trace() {
  static Trace made;
  return made;
}

// How many a place has are numbered on from `place`; the place is what is traced. In a constexpr function a mutant is
// at work at run time only. Elsewhere a constant expression is no place for one: it must not compile.
template <bool within_constexpr>
constexpr int offset(int place) {
  if constexpr (within_constexpr)
    if (std::is_constant_evaluated()) return -1;
  trace().reached(place);
  return number() == 0 ? -1 : number() - place;
}

template <bool within_constexpr>
constexpr bool on(int place) {
  return offset<within_constexpr>(place) == 0;
}

template <bool within_constexpr>
constexpr bool condition(int place, bool value) {
  switch (offset<within_constexpr>(place)) {
    case 0:
      return !value;
    case 1:
      return false;
    case 2:
      return true;
    default:
      return value;
  }
}

// `neutral` is what leaves the verdict to the other operands.
template <bool within_constexpr>
constexpr bool operand(int place, bool neutral, bool value) {
  return on<within_constexpr>(place) ? neutral : value;
}

template <bool within_constexpr>
constexpr bool inverted(int place, bool value) {
  return value != on<within_constexpr>(place);
}

template <bool within_constexpr, typename A, typename B>
constexpr bool less(int place, const A& a, const B& b) {
  return on<within_constexpr>(place) ? a <= b : a < b;
}

template <bool within_constexpr, typename A, typename B>
constexpr bool less_equal(int place, const A& a, const B& b) {
  return on<within_constexpr>(place) ? a < b : a <= b;
}

template <bool within_constexpr, typename A, typename B>
constexpr bool greater(int place, const A& a, const B& b) {
  return on<within_constexpr>(place) ? a >= b : a > b;
}

template <bool within_constexpr, typename A, typename B>
constexpr bool greater_equal(int place, const A& a, const B& b) {
  return on<within_constexpr>(place) ? a > b : a >= b;
}

template <bool within_constexpr, typename T>
constexpr T literal(int place, T value) {
  const int chosen = offset<within_constexpr>(place);
  return chosen == 0 ? static_cast<T>(value + 1) : chosen == 1 ? static_cast<T>(value - 1) : value;
}

}  // namespace factord_mutant
