#include "partition/comm/ordered_stream.hpp"

#include <exception>

namespace gasket {
namespace {

// Remembers the first error instead of leaving: the other ranks' pieces must still be taken in, so that all reach the
// agreement at the end.
class Guard {
 public:
  template <class Body>
  void operator()(const Body& body) {
    if (failure_) return;
    try {
      body();
    } catch (...) {
      failure_ = std::current_exception();
    }
  }
  void rethrow() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  std::exception_ptr failure_;
};

// Calls use(piece) for each piece of this rank.
template <class Use>
void each_piece(Guard& guard, const std::function<bool(fmt::memory_buffer&)>& next, const Use& use) {
  for (bool more = true; more;) {
    fmt::memory_buffer piece;
    more = false;
    guard([&] { more = next(piece); });
    if (piece.size() > 0) use(std::span<const char>(piece.data(), piece.size()));
  }
}

// A piece goes after its length; a length of 0 ends them.
void send_pieces(Communicator& comm, Guard& guard, const std::function<bool(fmt::memory_buffer&)>& next) {
  each_piece(guard, next, [&](std::span<const char> piece) {
    const std::uint64_t length = piece.size();
    Pending messages[] = {comm.send(0, Tag::exchange, std::span(&length, 1)), comm.send(0, Tag::exchange, piece)};
    comm.wait_all(messages);
  });
  const std::uint64_t end = 0;
  Pending message = comm.send(0, Tag::exchange, std::span(&end, 1));
  comm.wait(message);
}

template <class Use>
void receive_pieces(Communicator& comm, int from, const Use& use) {
  std::vector<char> piece;
  for (;;) {
    std::uint64_t length = 0;
    Pending header = comm.receive(from, Tag::exchange, std::span(&length, 1));
    comm.wait(header);
    if (length == 0) return;
    piece.resize(length);
    Pending body = comm.receive(from, Tag::exchange, std::span(piece));
    comm.wait(body);
    use(std::span<const char>(piece));
  }
}

}  // namespace

void stream_to_root(Communicator& comm, const std::function<bool(fmt::memory_buffer&)>& next,
                    const std::function<void(std::span<const char>)>& take) {
  Guard guard;
  if (comm.rank() != 0) {
    send_pieces(comm, guard, next);
  } else {
    const auto use = [&](std::span<const char> piece) { guard([&] { take(piece); }); };
    each_piece(guard, next, use);
    for (int r = 1; r < comm.size(); ++r) receive_pieces(comm, r, use);
  }
  comm.agree([&] { guard.rethrow(); });
}

}  // namespace gasket
