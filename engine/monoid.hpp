#pragma once
// Accumulators that programs often need. Each carries its identity as default value and combines by +=.
// A plain number is the monoid of sums.

#include <limits>

namespace gasket {

template <class T>
struct Min {
  T value = std::numeric_limits<T>::has_infinity ? std::numeric_limits<T>::infinity() : std::numeric_limits<T>::max();
  Min& operator+=(const Min& other) {
    if (other.value < value) value = other.value;
    return *this;
  }
};

template <class T>
struct Max {
  T value = std::numeric_limits<T>::lowest();
  Max& operator+=(const Max& other) {
    if (value < other.value) value = other.value;
    return *this;
  }
};

}  // namespace gasket
