// A frontier's queue: what workers append, in parts or not, is there once, whatever is asked of it next.

#include "engine/vertex_queue.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <numeric>
#include <vector>

#include "engine/row_work.hpp"
#include "tests/support/threads.hpp"

using namespace gasket;
using gasket::test::Threads;

namespace {

constexpr std::size_t kParts = 8;

std::vector<LocalId> first(std::size_t size) {
  std::vector<LocalId> ids(size);
  std::iota(ids.begin(), ids.end(), LocalId{0});
  return ids;
}

// Appends ids begin .. end-1 to a part, or to the queue itself.
void append(VertexQueue& queue, std::size_t begin, std::size_t end, std::size_t part) {
  VertexQueue::Appender appender(queue, part);
  for (std::size_t id = begin; id < end; ++id) appender.push(static_cast<LocalId>(id));
}

// In the order of the queue.
std::vector<LocalId> ids_of(VertexQueue& queue) {
  queue.join_parts();
  return {queue.ids().begin(), queue.ids().end()};
}

}  // namespace

TEST_CASE("a queue that is left in parts has their ids, in their order") {
  VertexQueue queue(1000, 3);
  append(queue, 0, 400, 0);
  append(queue, 400, 700, 1);
  append(queue, 700, 1000, 2);
  queue.leave_in_parts();
  CHECK(queue.size() == 1000);
  CHECK(queue.even_parts().size() == 3);
  VertexQueue other(1000, 3);
  swap(queue, other);
  CHECK(queue.empty());
  CHECK(other.even_parts().size() == 3);
  CHECK(ids_of(other) == first(1000));
  CHECK(other.even_parts().empty());
  other.clear();
  CHECK(other.empty());
  append(other, 0, 10, 1);
  other.leave_in_parts();
  other.clear();
  append(other, 0, 5, VertexQueue::no_part);
  CHECK(ids_of(other) == first(5));
}

TEST_CASE("a part that would hold up the others is no reason to loop over parts") {
  VertexQueue queue(1000, 4);
  append(queue, 0, 700, 0);
  for (std::size_t part = 1; part < 4; ++part) append(queue, 600 + 100 * part, 700 + 100 * part, part);
  queue.leave_in_parts();
  CHECK(queue.even_parts().empty());
  CHECK(ids_of(queue) == first(1000));
}

TEST_CASE("parts are even up to a quarter more than their share") {
  for (const auto& [size, even] : {std::pair{130u, true}, {150u, false}}) {
    VertexQueue queue(1000, 4);
    append(queue, 0, size, 0);
    for (std::size_t part = 1; part < 4; ++part) append(queue, size + 100 * part - 100, size + 100 * part, part);
    queue.leave_in_parts();
    CHECK(queue.even_parts().empty() != even);
    CHECK(ids_of(queue) == first(size + 300));
  }
}

TEST_CASE("parts are put in a row behind what the queue holds already") {
  VertexQueue queue(100, 2);
  append(queue, 0, 30, VertexQueue::no_part);
  append(queue, 30, 60, 0);
  append(queue, 60, 100, 1);
  queue.leave_in_parts();
  CHECK(queue.even_parts().empty());
  CHECK(ids_of(queue) == first(100));
}

TEST_CASE("loops that hand a frontier on and on lose no vertex and double none") {
  for (const int threads : {1, 2, 3}) {
    const Threads workers(threads);
    for (const std::size_t size : {0u, 1u, 1023u, 1024u, 40'000u, 300'000u}) {
      VertexQueue now(size, kParts), next(size, kParts);
      append(now, 0, size, VertexQueue::no_part);
      std::size_t rounds_in_parts = 0;
      for (int round = 0; round < 6; ++round) {
        const bool in_parts = spread_ids(now, size, kParts, [&](std::span<const LocalId> some, std::size_t part) {
          VertexQueue::Appender appender(next, part);
          for (const LocalId v : some) appender.push(v);
        });
        if (in_parts) next.leave_in_parts();
        rounds_in_parts += next.even_parts().empty() ? 0 : 1;
        swap(now, next);
        next.clear();
      }
      CHECK(rounds_in_parts == (is_shared(size) && !is_large(size, kParts) ? 6 : 0));
      std::vector<LocalId> ids = ids_of(now);
      std::ranges::sort(ids);
      CHECK(ids == first(size));
    }
  }
}
