#include "partition/comm/communicator.hpp"

#include <algorithm>
#include <chrono>
#include <new>

namespace gasket {

// -- Messages ---------------------------------------------------------------------------------------------

Pending Communicator::send_bytes(int to, Tag tag, std::span<const std::byte> bytes, Sent done_when) {
  Pending message;
  bytes_sent_ += bytes.size();
  for (std::size_t at = 0; at < bytes.size(); at += piece_limit_)
    message.pieces_.push_back(
        transport_->send(to, tag, bytes.subspan(at, std::min(piece_limit_, bytes.size() - at)), done_when));
  return message;
}

Pending Communicator::receive_bytes(int from, Tag tag, std::span<std::byte> into) {
  Pending message;
  for (std::size_t at = 0; at < into.size(); at += piece_limit_)
    message.pieces_.push_back(
        transport_->receive(from, tag, into.subspan(at, std::min(piece_limit_, into.size() - at))));
  return message;
}

bool Communicator::test(Pending& message) {
  while (!message.pieces_.empty()) {
    if (!transport_->test(message.pieces_.back())) return false;
    message.pieces_.pop_back();
  }
  return true;
}

template <class Ended>
void Communicator::wait_until(const Ended& ended) {
  if (ended()) return;
  const auto start = std::chrono::steady_clock::now();
  do transport_->idle();
  while (!ended());
  waited_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void Communicator::wait(Pending& message) {
  wait_until([&] { return test(message); });
}

void Communicator::wait_all(std::span<Pending> messages) {
  for (Pending& message : messages) wait(message);
}

// -- Mail: a header with the length, then the payload; pieces after the first are asked for once it is known --

Pending Communicator::send_mail(int to, Tag tag, std::span<std::byte> framed, Sent done_when) {
  const std::uint64_t length = framed.size() - kMailHeader;
  std::memcpy(framed.data(), &length, sizeof length);
  return send_bytes(to, tag, framed, done_when);
}

void Communicator::start_mail(Mail& mail, int from, Tag tag, std::size_t capacity) {
  const std::size_t framed = capacity + kMailHeader;
  if (mail.buffer_.size() < framed) mail.buffer_.resize(framed);
  mail.from_ = from;
  mail.tag_ = tag;
  mail.length_ = 0;
  mail.header_known_ = mail.done_ = false;
  mail.rest_ = Pending();
  mail.first_ = transport_->receive(from, tag, std::span(mail.buffer_).first(std::min(framed, piece_limit_)));
}

bool Communicator::test(Mail& mail) {
  if (mail.done_) return true;
  if (!mail.header_known_) {
    if (!transport_->test(mail.first_)) return false;
    std::uint64_t length = 0;
    std::memcpy(&length, mail.buffer_.data(), sizeof length);
    mail.length_ = length;
    mail.header_known_ = true;
    if (const std::size_t framed = length + kMailHeader; framed > piece_limit_)
      mail.rest_ =
          receive_bytes(mail.from_, mail.tag_, std::span(mail.buffer_).subspan(piece_limit_, framed - piece_limit_));
  }
  mail.done_ = test(mail.rest_);
  return mail.done_;
}

void Communicator::wait(Mail& mail) {
  wait_until([&] { return test(mail); });
}

// -- Collectives ------------------------------------------------------------------------------------------

void Communicator::all_gather_bytes(std::span<const std::byte> mine, std::span<std::byte> all) {
  if (size() == 1) {
    std::ranges::copy(mine, all.begin());
    return;
  }
  bytes_sent_ += mine.size() * static_cast<std::size_t>(size() - 1);
  Transport::Ticket ticket = transport_->all_gather(mine, all);
  wait_until([&] { return transport_->test(ticket); });
}

Pending Communicator::start_all_gather_bytes(std::span<const std::byte> mine, std::span<std::byte> all) {
  bytes_sent_ += mine.size() * static_cast<std::size_t>(size() - 1);
  Pending started;
  if (size() == 1)
    std::ranges::copy(mine, all.begin());
  else
    started.pieces_.push_back(transport_->all_gather(mine, all));
  return started;
}

void Communicator::gather_pieces(std::span<const std::byte> mine, std::span<std::byte> all,
                                 std::span<const std::uint64_t> begins, std::span<const std::uint64_t> sizes,
                                 std::size_t width) {
  const auto slot = [&](int r) {
    const auto i = static_cast<std::size_t>(r);
    return all.subspan(begins[i] * width, sizes[i] * width);
  };
  if (const auto own = slot(rank()); own.data() != mine.data()) std::ranges::copy(mine, own.begin());
  for (int step = 1; step < size(); ++step) {
    const int to = (rank() + step) % size(), from = (rank() - step + size()) % size();
    Pending messages[] = {receive_bytes(from, Tag::collective, slot(from)), send_bytes(to, Tag::collective, mine)};
    wait_all(messages);
  }
}

void Communicator::broadcast_bytes(std::span<std::byte> bytes, int root) {
  if (rank() == root) {
    std::vector<Pending> sends;
    for (int r = 0; r < size(); ++r)
      if (r != root) sends.push_back(send_bytes(r, Tag::collective, bytes));
    wait_all(sends);
  } else {
    Pending message = receive_bytes(root, Tag::collective, bytes);
    wait(message);
  }
}

std::uint64_t Communicator::exclusive_sum(std::uint64_t mine) {
  const std::vector<std::uint64_t> all = all_gather(mine);
  std::uint64_t before = 0;
  for (int r = 0; r < rank(); ++r) before += all[static_cast<std::size_t>(r)];
  return before;
}

std::vector<std::uint64_t> Communicator::all_to_all(std::span<const std::uint64_t> mine) {
  std::vector<std::uint64_t> theirs(mine.size());
  const auto me = static_cast<std::size_t>(rank());
  theirs[me] = mine[me];
  std::vector<Pending> messages;
  for (int r = 0; r < size(); ++r)
    if (r != rank())
      messages.push_back(receive(r, Tag::collective, std::span(&theirs[static_cast<std::size_t>(r)], 1)));
  for (int r = 0; r < size(); ++r)
    if (r != rank()) messages.push_back(send(r, Tag::collective, std::span(&mine[static_cast<std::size_t>(r)], 1)));
  wait_all(messages);
  return theirs;
}

void Communicator::agree(const std::function<void()>& body) {
  struct Outcome {
    ExitCode code = ExitCode::ok;
    std::uint64_t place = 0;
  } mine;
  std::string message;
  try {
    body();
  } catch (const Error& error) {
    mine = {error.code(), error.place()};
    message = error.what();
  } catch (const std::bad_alloc&) {
    mine.code = ExitCode::resources;
    message = "out of memory";
  } catch (const std::exception& error) {
    mine.code = ExitCode::failure;
    message = error.what();
  }
  const std::vector<Outcome> outcomes = all_gather(mine);
  const auto first = std::ranges::min_element(
      outcomes, {}, [](const Outcome& outcome) { return std::pair(outcome.code == ExitCode::ok, outcome.place); });
  if (first->code == ExitCode::ok) return;
  std::vector<char> text(message.begin(), message.end());
  broadcast(text, static_cast<int>(first - outcomes.begin()));
  const std::string said(text.begin(), text.end());
  switch (first->code) {
    case ExitCode::usage:
      throw_agreed(UsageError(said));
    case ExitCode::bad_input:
      throw_agreed(InputError(said));
    case ExitCode::resources:
      throw_agreed(ResourceError(said));
    default:
      throw_agreed(Error(first->code, said));
  }
}

}  // namespace gasket
