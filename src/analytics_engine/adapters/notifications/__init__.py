"""What brings a message to people: mail, chat, paging and text messages, each as its vendor documents it."""
