/** A program that uses Tine's libraries from a repository. */
module com.example.consumer {
  requires dev.tine.fork;
  requires dev.tine.prefork;
  requires dev.tine.process;
}
