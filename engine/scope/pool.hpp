#pragma once
// Objects that are used again, at addresses and numbers that stay. By any worker.

#include <cstdint>
#include <deque>
#include <mutex>
#include <vector>

namespace gasket {

template <class T>
class Pool {
 public:
  /// A free object and its number; as it was left, or new.
  std::pair<T*, std::uint32_t> take() {
    const std::lock_guard lock(guard_);
    if (free_.empty()) {
      objects_.emplace_back();
      return {&objects_.back(), static_cast<std::uint32_t>(objects_.size() - 1)};
    }
    const std::uint32_t index = free_.back();
    free_.pop_back();
    return {&objects_[index], index};
  }
  void give_back(std::uint32_t index) {
    const std::lock_guard lock(guard_);
    free_.push_back(index);
  }
  T& operator[](std::uint32_t index) {
    const std::lock_guard lock(guard_);
    return objects_[index];
  }
  /// Calls body(object) for all, free ones too. Only while no other worker is at it.
  template <class Body>
  void for_each(const Body& body) {
    for (T& object : objects_) body(object);
  }

 private:
  std::mutex guard_;
  std::deque<T> objects_;
  std::vector<std::uint32_t> free_;
};

}  // namespace gasket
