#include "partition/comm/simulated_network.hpp"

#include <condition_variable>
#include <cstring>
#include <deque>
#include <exception>
#include <map>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

#include "partition/hash.hpp"

namespace gasket {
namespace {

// Thrown into ranks that wait when another has failed.
struct Stopped {};

struct Letter {
  std::vector<std::byte> bytes;
  std::uint32_t turns_left = 0;
};

}  // namespace

// Shared by all virtual ranks; touched only by the holder of the baton.
class SimulatedNetwork::Baton {
 public:
  explicit Baton(const Options& options)
      : options_(options), state_(mix(options.seed)), turns_(count()), ended_(count(), false) {}

  std::size_t count() const { return static_cast<std::size_t>(options_.ranks); }

  std::uint64_t random() { return mix(state_ += 0x9e3779b97f4a7c15u); }

  // -- Turns ----------------------------------------------------------------------------------------------
  void enter(std::size_t rank) {
    std::unique_lock lock(guard_);
    turns_[rank].wait(lock, [&] { return holder_ == rank || failure_; });
    if (failure_) throw Stopped();
  }
  // Gives the baton to a random rank that still runs, and waits to get it back.
  void pass(std::size_t rank) {
    {
      const std::lock_guard lock(guard_);
      if (++idle_turns_ > 10'000 * count())
        fail(std::make_exception_ptr(std::runtime_error("simulated network: all ranks wait and nothing is under way")));
      hand_over();
    }
    enter(rank);
  }
  void leave(std::size_t rank, std::exception_ptr error) {
    {
      const std::lock_guard lock(guard_);
      ended_[rank] = true;
      idle_turns_ = 0;
      if (error) fail(error);
      hand_over();
    }
  }
  void moved() { idle_turns_ = 0; }
  std::exception_ptr failure() const { return failure_; }

  // -- Messages -------------------------------------------------------------------------------------------
  using Channel = std::tuple<int, int, Tag>;  // from, to, tag
  struct Queue {
    std::deque<Letter> letters;
    std::deque<std::uint64_t> receives;  // ids, in the order posted
    std::uint64_t taken = 0;             // letters
  };
  std::map<Channel, Queue> channels;

  std::uint32_t delay() { return static_cast<std::uint32_t>(random() % (options_.longest_delay + 1)); }

  // all_gather: one round at a time, contributions by rank
  struct Gathering {
    std::vector<std::vector<std::byte>> parts;
    std::size_t arrived = 0;
    std::size_t taken = 0;
  };
  std::map<std::uint64_t, Gathering> gatherings;

 private:
  void hand_over() {
    std::vector<std::size_t> running;
    for (std::size_t r = 0; r < count(); ++r)
      if (!ended_[r]) running.push_back(r);
    if (running.empty()) return;
    holder_ = running[random() % running.size()];
    // Mostly somebody else goes in the place of a slow rank.
    while (static_cast<int>(holder_) == options_.slow_rank && running.size() > 1 && random() % options_.slowness != 0)
      holder_ = running[random() % running.size()];
    turns_[holder_].notify_one();
  }
  void fail(std::exception_ptr error) {
    if (!failure_) failure_ = error;
    for (std::condition_variable& turn : turns_) turn.notify_one();
  }

  Options options_;
  std::uint64_t state_;
  std::mutex guard_;
  std::vector<std::condition_variable> turns_;  // one for each rank: only who gets the baton wakes up
  std::size_t holder_ = 0;
  std::vector<bool> ended_;
  std::uint64_t idle_turns_ = 0;
  std::exception_ptr failure_;
};

class SimulatedNetwork::RankTransport final : public Transport {
 public:
  RankTransport(Baton& baton, int rank, int size) : baton_(baton), rank_(rank), size_(size) {}

  int rank() const override { return rank_; }
  int size() const override { return size_; }

  Ticket send(int to, Tag tag, std::span<const std::byte> bytes, Sent done_when) override {
    const Baton::Channel channel{rank_, to, tag};
    Baton::Queue& queue = baton_.channels[channel];
    queue.letters.push_back({{bytes.begin(), bytes.end()}, baton_.delay()});
    baton_.moved();
    if (done_when == Sent::away) return {};  // copied: done
    const std::uint64_t id = next_++;
    pending_[id] = {.channel = channel, .to_be_taken = queue.taken + queue.letters.size()};
    return {.handle = id, .received = 0, .done = false};
  }

  Ticket receive(int from, Tag tag, std::span<std::byte> into) override {
    const std::uint64_t id = next_++;
    pending_[id] = {.channel = {from, rank_, tag}, .into = into};
    baton_.channels[{from, rank_, tag}].receives.push_back(id);
    return {.handle = id, .received = 0, .done = false};
  }

  Ticket all_gather(std::span<const std::byte> mine, std::span<std::byte> all) override {
    Baton::Gathering& round = baton_.gatherings[round_];
    round.parts.resize(static_cast<std::size_t>(size_));
    round.parts[static_cast<std::size_t>(rank_)].assign(mine.begin(), mine.end());
    ++round.arrived;
    baton_.moved();
    const std::uint64_t id = next_++;
    pending_[id] = {.channel = {}, .into = all, .round = ++round_};
    return {.handle = id, .received = 0, .done = false};
  }

  bool test(Ticket& ticket) override {
    if (ticket.done) return true;
    Operation& operation = pending_.at(ticket.handle);
    if (operation.to_be_taken > 0)
      ticket.done = baton_.channels[operation.channel].taken >= operation.to_be_taken;
    else
      ticket.done = operation.round > 0 ? finish_gathering(operation) : finish_receive(operation, ticket);
    if (!ticket.done) return false;
    pending_.erase(ticket.handle);
    baton_.moved();
    return true;
  }

  void idle() override { baton_.pass(static_cast<std::size_t>(rank_)); }

 private:
  struct Operation {
    Baton::Channel channel;
    std::span<std::byte> into{};
    std::uint64_t round = 0;        // of an all_gather, from 1
    std::uint64_t to_be_taken = 0;  // of a send: letters of the channel
    std::size_t received = 0;
    bool arrived = false;
  };

  // Letters go to receives in the order both were posted, whichever receive is asked about.
  bool finish_receive(const Operation& asked, Ticket& ticket) {
    Baton::Queue& queue = baton_.channels[asked.channel];
    while (!asked.arrived && !queue.letters.empty() && !queue.receives.empty()) {
      Letter& letter = queue.letters.front();
      if (letter.turns_left > 0) {
        --letter.turns_left;
        baton_.moved();
        return false;
      }
      Operation& first = pending_.at(queue.receives.front());
      if (letter.bytes.size() > first.into.size()) throw std::runtime_error("simulated network: message truncated");
      std::ranges::copy(letter.bytes, first.into.begin());
      first.received = letter.bytes.size();
      first.arrived = true;
      queue.letters.pop_front();
      queue.receives.pop_front();
      ++queue.taken;
    }
    ticket.received = asked.received;
    return asked.arrived;
  }

  bool finish_gathering(const Operation& operation) {
    Baton::Gathering& round = baton_.gatherings[operation.round - 1];
    if (round.arrived < static_cast<std::size_t>(size_)) return false;
    std::byte* at = operation.into.data();
    for (const auto& part : round.parts) at = std::ranges::copy(part, at).out;
    if (++round.taken == round.arrived) baton_.gatherings.erase(operation.round - 1);
    return true;
  }

  Baton& baton_;
  int rank_;
  int size_;
  std::uint64_t next_ = 1;
  std::uint64_t round_ = 0;
  std::map<std::uint64_t, Operation> pending_;
};

SimulatedNetwork::SimulatedNetwork(const Options& options)
    : baton_(std::make_unique<Baton>(options)), options_(options) {}

SimulatedNetwork::~SimulatedNetwork() = default;

void SimulatedNetwork::run(const std::function<void(Communicator&)>& body) {
  baton_ = std::make_unique<Baton>(options_);
  std::vector<std::thread> threads;
  for (int r = 0; r < options_.ranks; ++r)
    threads.emplace_back([&, r] {
      const auto rank = static_cast<std::size_t>(r);
      std::exception_ptr error;
      try {
        baton_->enter(rank);
        RankTransport transport(*baton_, r, options_.ranks);
        Communicator comm(transport);
        comm.set_piece_limit(options_.piece_limit);
        body(comm);
      } catch (const Stopped&) {
      } catch (const Killed&) {
      } catch (...) {
        error = std::current_exception();
      }
      baton_->leave(rank, error);
    });
  for (std::thread& thread : threads) thread.join();
  if (baton_->failure()) std::rethrow_exception(baton_->failure());
}

}  // namespace gasket
